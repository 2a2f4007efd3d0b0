#!/usr/bin/env bash
# Gradescope runs this once, when the image is built: Python, a virtual environment, the packages at the
# versions this was tested with, and a grading of the reference as a self-test. Anything that fails ends
# the build. To be set from outside: CONVLAB_PYTHON_BIN, CONVLAB_TORCH_INDEX (empty: PyPI's torch, with CUDA).
set -euo pipefail

base="${CONVLAB_AUTOGRADER_DIR:-/autograder}"
source="$base/source"
torch_index="${CONVLAB_TORCH_INDEX-https://download.pytorch.org/whl/cpu}"

say() { printf '\n== %s\n' "$*"; }
recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  for candidate in ${CONVLAB_PYTHON_BIN:-} python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null && recent "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

if ! python="$(find_python)" || ! can_make_venv "$python"; then
  say "installing Python"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends python3.12 python3.12-venv \
    || apt-get install -y --no-install-recommends python3.11 python3.11-venv
  python="$(find_python)" || { echo "setup.sh: no Python 3.11 or later to be had" >&2; exit 1; }
fi

say "making the environment with $("$python" --version)"
"$python" -m venv "$base/venv"
pip() { "$base/venv/bin/python" -m pip --quiet --disable-pip-version-check --no-cache-dir "$@"; }
torch="$(grep '^torch==' "$source/requirements.txt")"
if [ -n "$torch_index" ]; then
  pip install "$torch" --index-url "$torch_index" --extra-index-url "${PIP_INDEX_URL:-https://pypi.org/simple}"
fi
pip install -r "$source/requirements.txt"

if [ ! -d "$source/files/convlab" ]; then
  # `otter grade` adds the files only after this script.
  say "no files/ yet: the self-test is left out"
  exit 0
fi
say "self-test: the reference must get full marks"
chmod 700 "$source"
"$base/venv/bin/python" -m compileall -q "$source/files/convlab/autograder"
PYTHONPATH="$source/files/convlab" "$base/venv/bin/python" -P -m autograder.otter.selftest "$source"
say "done"
