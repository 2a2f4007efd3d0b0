#!/usr/bin/env bash
# Gradescope runs this once, when the image is built: Python, a virtual environment, the packages at the
# versions this was tested with, and a grading of the reference as a self-test. Anything that fails ends
# the build. To be set from outside:
#   CONVLAB_PYTHON_BIN    the Python to use (3.11 or later)
#   CONVLAB_TORCH_INDEX   where torch is built for the CPU; empty for PyPI's, which brings CUDA along
set -euo pipefail

base="${CONVLAB_AUTOGRADER_DIR:-/autograder}"
source="$base/source"
torch_index="${CONVLAB_TORCH_INDEX-https://download.pytorch.org/whl/cpu}"

say() { printf '\n== %s\n' "$*"; }
fail() { printf '\nsetup.sh: %s\n' "$*" >&2; exit 1; }

# The first Python that is recent and can make virtual environments.
find_python() {
  local candidate
  for candidate in ${CONVLAB_PYTHON_BIN:-} python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

install_python() {
  say "installing Python"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  local version
  for version in 3.12 3.11; do
    apt-get install -y --no-install-recommends "python$version" "python$version-venv" && return
  done
}

python="$(find_python)"
if [ -z "$python" ]; then
  install_python || fail "no Python 3.11 or later could be installed; set CONVLAB_PYTHON_BIN"
  python="$(find_python)"
  [ -n "$python" ] || fail "the Python that was installed cannot make virtual environments"
fi

say "making $base/venv with $("$python" --version)"
"$python" -m venv --clear "$base/venv"
venv_python="$base/venv/bin/python"
install() { "$venv_python" -m pip install --quiet --disable-pip-version-check --no-cache-dir "$@"; }
install ${torch_index:+--extra-index-url "$torch_index"} "$(grep '^torch==' "$source/requirements.txt")" \
  || fail "torch could not be installed; set CONVLAB_TORCH_INDEX to an index that has it"
install -r "$source/requirements.txt" || fail "the packages could not be installed"
"$venv_python" -c 'import torch; print("torch", torch.__version__)'

if [ ! -d "$source/files/convlab" ]; then
  # `otter grade` adds the files only after this script has run.
  say "no files/ yet: the self-test is left out"
  exit 0
fi
say "self-test: the reference must get full marks"
chmod 700 "$source"
"$venv_python" -m compileall -q "$source/files/convlab/autograder"
PYTHONPATH="$source/files/convlab" "$venv_python" -P -m autograder.otter.selftest "$source" \
  || fail "the self-test failed, see above; students' work would not be graded rightly"
say "done"
