#!/usr/bin/env bash
# Gradescope runs this once, when the image is built: Python, a virtual environment, the packages at the
# versions this was tested with, and a grading of the reference as a self-test. Anything that fails ends
# the build, and says what to do. It asks nothing, and works on Ubuntu 22.04, 24.04 and Debian 12.
#
# Python is the first of these that is there, final and at least 3.11.1:
#   1. CONVLAB_PYTHON_BIN, if set; no other is looked for then
#   2. one that the image has
#   3. one of the distribution's packages (never a release candidate, as python3.11 of Ubuntu 22.04 is)
#   4. a standalone build, which uv (from PyPI) downloads from github.com and keeps in /autograder/python
#   5. one that is built here from Debian 12's source, with the distribution's compiler, and kept there too
# To be set from outside:
#   CONVLAB_PYTHON_BIN    the Python to use
#   CONVLAB_PYTHON_SOURCE where the source of Python is, for 5; whatever it is, it must be the expected file
#   CONVLAB_TORCH_INDEX   where torch is built for the CPU; empty for PyPI's build, which brings 3 GB of CUDA
#   CONVLAB_PATIENCE      seconds that a server may take to answer (20)
#   CONVLAB_STEP_SECONDS  seconds that one step may take (900)
set -euo pipefail

base="${CONVLAB_AUTOGRADER_DIR:-/autograder}"
source="$base/source"
torch_index="${CONVLAB_TORCH_INDEX-https://download.pytorch.org/whl/cpu}"
patience="${CONVLAB_PATIENCE:-20}"
step_seconds="${CONVLAB_STEP_SECONDS:-900}"
uv="uv==0.13.8"
kept_version=3.12
# Of the version that Debian 12 has; the hash is that of Debian's own list of sources.
source_version=3.11.2
source_hash=2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849
source_urls=(
  "http://deb.debian.org/debian/pool/main/p/python3.11/python3.11_$source_version.orig.tar.gz"
  "https://www.python.org/ftp/python/$source_version/Python-$source_version.tgz"
)
[ -z "${CONVLAB_PYTHON_SOURCE:-}" ] || source_urls=("$CONVLAB_PYTHON_SOURCE")
source_needs=(gcc make libc6-dev libbz2-dev libffi-dev liblzma-dev libsqlite3-dev libssl-dev zlib1g-dev python3)
export DEBIAN_FRONTEND=noninteractive PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_RETRIES=2 PIP_DEFAULT_TIMEOUT="$patience" UV_HTTP_TIMEOUT="$patience" UV_HTTP_RETRIES=2 UV_NO_PROGRESS=1

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
fail() { printf '\nsetup.sh: %s\n' "$*" >&2; exit 1; }
# A command that asks nothing and may not take for ever.
step() { timeout --kill-after=10 "$step_seconds" "$@" </dev/null; }

# ---- Python ------------------------------------------------------------------------------------------

fit='
import sys, ensurepip, venv
version = sys.version_info
sys.exit(version < (3, 11, 1) or version.releaselevel != "final")
'
is_fit() { "$1" -c "$fit" >/dev/null 2>&1; }

# Sets `python` to the first candidate that will do.
choose() {
  local candidate
  for candidate in "$@"; do
    if command -v "$candidate" >/dev/null && is_fit "$candidate"; then
      python="$candidate"
      return 0
    fi
  done
  return 1
}

usual=(python3.13 python3.12 python3.11 python3)

updated=
apt() {
  command -v apt-get >/dev/null || return 1
  local options=(-o "Acquire::Retries=2" -o "Acquire::http::Timeout=$patience" -o "Acquire::https::Timeout=$patience")
  if [ -z "$updated" ]; then
    step apt-get "${options[@]}" update || note "apt-get update failed; going on with what is known"
    updated=yes
  fi
  step apt-get "${options[@]}" install -y --no-install-recommends "$@"
}

# Whether the distribution has this version of Python as a final release.
offered() {
  local found
  found="$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *//p')"
  case "$found" in '' | '(none)') return 1 ;; *~a[0-9]* | *~b[0-9]* | *~rc[0-9]*) note "$1 is $found here, no final release"; return 1 ;; esac
}

from_distribution() {
  command -v apt-get >/dev/null || { note "there is no apt-get"; return 1; }
  say "installing Python from the distribution's packages"
  apt ca-certificates || note "ca-certificates could not be installed"
  local version
  for version in 3.13 3.12 3.11; do
    if offered "python$version" && apt "python$version" "python$version-venv" && choose "python$version"; then
      return 0
    fi
  done
  note "none of the packages is Python 3.11.1 or later"
  return 1
}

# A Python in $base/python, by uv; any Python 3.8 with pip or venv is enough to get uv.
kept_python() {
  say "getting a standalone Python $kept_version by uv"
  local uv_home="$base/uv" helper
  helper="$(command -v python3 || true)"
  if [ -z "$helper" ] || ! "$helper" -c 'import ensurepip, venv' 2>/dev/null; then
    apt python3 python3-venv || { note "there is no python3 to get uv with"; return 1; }
    helper=python3
  fi
  "$helper" -m venv --clear "$uv_home" || { note "python3 cannot make a virtual environment"; return 1; }
  step "$uv_home/bin/python" -m pip install --quiet --no-cache-dir "$uv" || { note "PyPI has no $uv, or cannot be reached"; return 1; }
  step "$uv_home/bin/uv" python install --install-dir "$base/python" "$kept_version" \
    || { note "the standalone build cannot be downloaded (it comes from github.com)"; return 1; }
  local found
  found="$(find "$base/python" -path "*/bin/python$kept_version" | sort | tail -n 1)"
  [ -n "$found" ] && choose "$found"
}

fetch='
import hashlib, sys, urllib.request
wanted, place, patience, *urls = sys.argv[1:]
for url in urls:
    try:
        with urllib.request.urlopen(url, timeout=float(patience)) as answer:
            data = answer.read()
    except OSError as error:
        print(f"   {url}: {error}")
        continue
    if hashlib.sha256(data).hexdigest() == wanted:
        open(place, "wb").write(data)
        sys.exit(0)
    print(f"   {url}: not the file that is expected, its hash differs")
sys.exit(1)
'

# A Python in $base/python, built here: where nothing but the mirrors of distributions can be reached.
built_python() {
  say "building Python $source_version from its source, which takes some minutes"
  local place="$base/python-source" log="$base/python-build.log"
  apt "${source_needs[@]}" || { note "the compiler and what Python needs could not be installed"; return 1; }
  rm -rf "$place"
  mkdir -p "$place"
  step python3 -c "$fetch" "$source_hash" "$place.tgz" "$patience" "${source_urls[@]}" \
    || { note "the source cannot be downloaded"; return 1; }
  step tar -xzf "$place.tgz" --strip-components=1 -C "$place" || { note "the source cannot be unpacked"; return 1; }
  (
    cd "$place"
    step ./configure --prefix="$base/python" && step make -j "$(nproc)" && step make install
  ) >"$log" 2>&1 || { tail -n 20 "$log"; note "Python could not be built, see $log"; return 1; }
  rm -rf "$place" "$place.tgz"
  choose "$base/python/bin/python3"
}

python=
if [ -n "${CONVLAB_PYTHON_BIN:-}" ]; then
  choose "$CONVLAB_PYTHON_BIN" || fail "CONVLAB_PYTHON_BIN=$CONVLAB_PYTHON_BIN is no final Python 3.11.1 or later with venv"
else
  choose "${usual[@]}" || from_distribution || kept_python || built_python \
    || fail "no final Python 3.11.1 or later could be had, see above. Choose the image Ubuntu 24.04 or Debian 12, or set CONVLAB_PYTHON_BIN at the top of setup.sh"
fi

# ---- packages ----------------------------------------------------------------------------------------

say "making $base/venv with $("$python" --version) ($(command -v "$python"))"
"$python" -m venv --clear "$base/venv"
venv_python="$base/venv/bin/python"
install() { step "$venv_python" -m pip install --quiet --no-cache-dir "$@"; }
torch="$(grep '^torch==' "$source/requirements.txt")"
if [ -n "$torch_index" ]; then
  # Only this index, and only a build that names itself a CPU build: nothing else can be taken by accident.
  say "installing $torch+cpu from $torch_index"
  install --index-url "$torch_index" --no-deps "$torch+cpu" \
    || fail "$torch+cpu could not be installed from $torch_index: is it reachable from here, and has it this version? CONVLAB_TORCH_INDEX names another index"
else
  say "installing $torch from PyPI, with CUDA: CONVLAB_TORCH_INDEX is empty"
  install "$torch" || fail "$torch could not be installed from PyPI"
fi
say "installing the other packages"
install -r "$source/requirements.txt" || fail "the packages could not be installed: is PyPI reachable from here?"
"$venv_python" - "${torch_index:+cpu}" <<'CHECK' || fail "that is not the environment that was ordered; nothing is graded with it"
import importlib.metadata as metadata
import sys

import torch

extra = sorted(d.name for d in metadata.distributions() if d.name.lower().startswith(("nvidia-", "triton")))
print("   torch", torch.__version__, "CUDA", torch.version.cuda or "none")
if sys.argv[1:] == ["cpu"] and (torch.version.cuda is not None or extra):
    sys.exit(f"CUDA was installed by accident: {', '.join(extra) or torch.__version__}")
CHECK

# ---- self-test ---------------------------------------------------------------------------------------

if [ ! -d "$source/files/convlab" ]; then
  # `otter grade` adds the files only after this script has run.
  say "no files/ yet: the self-test is left out"
  exit 0
fi
say "self-test: the reference must get full marks"
chmod 700 "$source"
"$venv_python" -m compileall -q "$source/files/convlab/autograder"
PYTHONPATH="$source/files/convlab" step "$venv_python" -P -m autograder.otter.selftest "$source" \
  || fail "the self-test failed, see above; students' work would not be graded rightly"
say "done"
