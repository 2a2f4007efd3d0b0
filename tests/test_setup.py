"""setup.sh on made-up images: which Python it takes, what it installs from where, and how it fails.

The image is a folder of commands that only note how they were called, and beside them the few real ones that
the script needs. `benchmarks/images.py` runs the script on real images.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from harness import ROOT

SETUP = ROOT / "autograder" / "otter" / "zip" / "setup.sh"
REAL = ("bash", "cat", "chmod", "cp", "find", "grep", "mkdir", "rm", "sed", "sort", "tail", "timeout")
NOTE = '#!/bin/bash\nprintf "%s\\n" "$(basename "$0") $*" >> "$FAKE_LOG"\n'
PYTHON = (
    NOTE
    + """
case "$1" in
  -c) case "$2" in *releaselevel*) exit {unfit};; *) exit {no_venv};; esac ;;
  --version) echo "Python {version}" ;;
  -) cat > /dev/null; [ "$FAKE_CUDA" != yes ] || exit 1 ;;
  -m) case "$2" in
    venv) [ {no_venv} = 0 ] || exit 1
          mkdir -p "${{@: -1}}/bin" && cp "$0" "${{@: -1}}/bin/python" && cp "$FAKE_UV" "${{@: -1}}/bin/uv" ;;
    pip) case " $* " in *" $FAKE_UNREACHABLE "*) exit 1 ;; esac ;;
  esac ;;
  -P) exit "${{FAKE_SELFTEST:-0}}" ;;
esac
"""
)
APT_GET = (
    NOTE
    + """
for word in "$@"; do
  [ ! -e "$FAKE_SHELF/$word" ] || cp "$FAKE_SHELF/$word" "$(dirname "$0")/$word"
done
"""
)
APT_CACHE = '#!/bin/bash\n[ ! -e "$FAKE_SHELF/$2.version" ] || cat "$FAKE_SHELF/$2.version"\n'
UV = (
    NOTE
    + """
[ "$FAKE_GITHUB" != no ] || exit 1
place="$4/cpython-3.12.9-linux/bin"
mkdir -p "$place" && cp "$FAKE_SHELF/kept" "$place/python3.12"
"""
)

SOURCED = """#!{python}
import os, sys
if sys.argv[1] == "-c" and "releaselevel" in sys.argv[2]:
    sys.exit(1)
if sys.argv[1] == "-c" and "urllib" in sys.argv[2]:
    os.execv("{python}", ["{python}", *sys.argv[1:]])
sys.exit(1)
"""
"""A Python that is too old, but can fetch a file."""
TAR = NOTE + 'printf "#!/bin/bash\\nexit 0\\n" > "${@: -1}/configure"; chmod 755 "${@: -1}/configure"\n'
MAKE = (
    NOTE
    + """
[ "$1" = install ] || exit "${FAKE_MAKE:-0}"
mkdir -p "$CONVLAB_AUTOGRADER_DIR/python/bin"
cp "$FAKE_SHELF/built" "$CONVLAB_AUTOGRADER_DIR/python/bin/python3"
"""
)


@dataclass
class Image:
    """A made-up image, and what was called on it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("bin", "shelf", "autograder/source/files/convlab/autograder"):
            (self.folder / name).mkdir(parents=True)
        for name in REAL:
            (self.folder / "bin" / name).symlink_to(shutil.which(name) or pytest.skip(f"no {name} here"))
        for name, text in {"dirname": "", "basename": ""}.items():
            (self.folder / "bin" / name).symlink_to(shutil.which(name) or text)
        (self.folder / "autograder/source/requirements.txt").write_text("click==8.1\ntorch==2.13.0\n")
        self.put("shelf/kept", python("3.12.9"))
        self.put("uv", UV)

    def put(self, name: str, text: str) -> None:
        """Write an executable."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        path.chmod(0o755)

    def has(self, name: str, text: str) -> None:
        """Have a command on the image."""
        self.put(f"bin/{name}", text)

    def distribution(self, **versions: str) -> None:
        """Have apt, and these packages by the version that they have there."""
        self.has("apt-get", APT_GET)
        self.has("apt-cache", APT_CACHE)
        for name, version in versions.items():
            package = name.replace("_", ".")
            (self.folder / "shelf" / f"{package}.version").write_text(f"{package}:\n  Candidate: {version}\n")
            final = version.partition("-")[0]
            self.put(f"shelf/{package}", python(final, unfit="rc" in final or final < "3.11.1"))

    def set_up(self, **environ: str) -> tuple[int, str]:
        """Run the script; its status and all it printed."""
        settings = {
            "PATH": str(self.folder / "bin"),
            "CONVLAB_AUTOGRADER_DIR": str(self.folder / "autograder"),
            "FAKE_LOG": str(self.folder / "log"),
            "FAKE_SHELF": str(self.folder / "shelf"),
            "FAKE_UV": str(self.folder / "uv"),
            "FAKE_UNREACHABLE": "nothing",
        }
        command = [str(self.folder / "bin" / "bash"), str(SETUP)]
        done = subprocess.run(
            command, env={**settings, **environ}, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def called(self) -> list[str]:
        """The commands that were called, in order."""
        log = self.folder / "log"
        return log.read_text("utf-8").splitlines() if log.is_file() else []

    def calls(self, *words: str) -> list[str]:
        """Those with all these words in them."""
        return [line for line in self.called if all(word in line for word in words)]


def python(version: str, *, unfit: bool = False, no_venv: bool = False) -> str:
    """A Python of that version."""
    return PYTHON.format(version=version, unfit=int(unfit), no_venv=int(no_venv))


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path)


def test_the_python_of_the_image_is_taken_where_it_will_do(image: Image) -> None:
    image.distribution(python3_12="3.12.3-1")
    image.has("python3", python("3.12.3"))
    status, said = image.set_up()
    assert status == 0, said
    assert "Python 3.12.3" in said
    assert not image.calls("apt-get")


def test_a_release_candidate_is_never_installed(image: Image) -> None:
    image.distribution(python3_11="3.11.0~rc1-1~22.04")
    image.has("python3", python("3.10.12", unfit=True))
    status, said = image.set_up()
    assert status == 0, said
    assert "no final release" in said
    assert not image.calls("apt-get", "install", "python3.11")
    assert image.calls("uv python install")
    assert "Python 3.12.9" in said


def test_the_distributions_newest_final_python_comes_before_a_download(image: Image) -> None:
    image.distribution(python3_11="3.11.2-6", python3_12="3.12.3-1")
    status, said = image.set_up()
    assert status == 0, said
    assert "Python 3.12.3" in said
    assert image.calls("apt-get", "install", "python3.12 python3.12-venv")
    assert not image.calls("uv python install")


def test_a_python_without_venv_gets_uv_by_one_that_has_it(image: Image) -> None:
    image.distribution(python3="3.10.12")
    image.has("python3", python("3.10.12", unfit=True, no_venv=True))
    (image.folder / "shelf/python3").write_text(python("3.10.12", unfit=True))
    status, said = image.set_up()
    assert status == 0, said
    assert image.calls("apt-get", "install", "python3 python3-venv")


@pytest.mark.parametrize(
    ("reachable", "reason"), [("pip", "comes from github.com"), ("github", "or cannot be reached")]
)
def test_where_none_can_be_had_it_says_what_was_tried(image: Image, reachable: str, reason: str) -> None:
    image.distribution()
    image.has("python3", python("3.10.12", unfit=True))
    settings = {"FAKE_GITHUB": "no"} if reachable == "pip" else {"FAKE_UNREACHABLE": "uv==0.13.8"}
    status, said = image.set_up(**settings)
    assert status == 1
    assert reason in said
    assert "CONVLAB_PYTHON_BIN" in said.splitlines()[-1]
    assert not image.calls("pip install", "torch")


def test_without_a_download_python_is_built_from_source(image: Image) -> None:
    image.distribution()
    image.has("python3", python("3.10.12", unfit=True))
    image.put("shelf/built", python("3.11.2"))
    for name, text in {"tar": TAR, "make": MAKE, "nproc": "#!/bin/bash\necho 2\n"}.items():
        image.has(name, text)
    status, said = image.set_up(FAKE_GITHUB="no")
    assert status == 0, said
    assert "Python 3.11.2" in said
    assert image.calls("apt-get", "install", "gcc make")
    assert image.calls("make", "-j 2")


def test_a_build_that_fails_says_why(image: Image) -> None:
    image.distribution()
    image.has("python3", python("3.10.12", unfit=True))
    for name, text in {"tar": TAR, "make": MAKE, "nproc": "#!/bin/bash\necho 2\n"}.items():
        image.has(name, text)
    status, said = image.set_up(FAKE_GITHUB="no", FAKE_MAKE="2")
    assert status == 1
    assert "Python could not be built" in said
    assert "no final Python" in said.splitlines()[-1]


def test_only_the_expected_source_is_built(image: Image) -> None:
    other = image.folder / "other.tgz"
    other.write_bytes(b"another source")
    image.distribution()
    image.has("python3", SOURCED.format(python=sys.executable))
    for name, text in {"tar": TAR, "make": MAKE}.items():
        image.has(name, text)
    status, said = image.set_up(CONVLAB_PYTHON_SOURCE=other.as_uri())
    assert status == 1
    assert "its hash differs" in said
    assert not image.calls("tar")


def test_the_python_that_is_asked_for_is_the_only_one(image: Image) -> None:
    image.has("python3", python("3.12.3"))
    image.has("mine", python("3.11.0", unfit=True))
    status, said = image.set_up(CONVLAB_PYTHON_BIN="mine")
    assert status == 1
    assert "CONVLAB_PYTHON_BIN=mine is no final Python 3.11.1 or later" in said


def test_torch_comes_from_the_index_of_cpu_builds_and_from_no_other(image: Image) -> None:
    image.has("python3", python("3.12.3"))
    status, said = image.set_up()
    assert status == 0, said
    (torch,) = image.calls("pip install", "torch==")
    assert "--index-url https://download.pytorch.org/whl/cpu --no-deps torch==2.13.0+cpu" in torch
    assert "extra-index" not in torch


def test_an_index_that_cannot_be_reached_ends_the_build(image: Image) -> None:
    image.has("python3", python("3.12.3"))
    status, said = image.set_up(FAKE_UNREACHABLE="torch==2.13.0+cpu")
    assert status == 1
    assert "could not be installed from https://download.pytorch.org/whl/cpu: is it reachable" in said
    assert not image.calls("pip install", "-r")


def test_cuda_by_accident_ends_the_build(image: Image) -> None:
    image.has("python3", python("3.12.3"))
    status, said = image.set_up(FAKE_CUDA="yes")
    assert status == 1
    assert "nothing is graded with it" in said
    assert not image.calls("autograder.otter.selftest")


def test_cuda_on_purpose(image: Image) -> None:
    image.has("python3", python("3.12.3"))
    status, said = image.set_up(CONVLAB_TORCH_INDEX="")
    assert status == 0, said
    assert "with CUDA" in said
    assert not image.calls("--index-url")


def test_a_reference_that_loses_points_ends_the_build(image: Image) -> None:
    image.has("python3", python("3.12.3"))
    status, said = image.set_up(FAKE_SELFTEST="1")
    assert status == 1
    assert "would not be graded rightly" in said


@pytest.mark.slow
def test_nothing_waits_for_ever(image: Image) -> None:
    image.distribution()
    image.has("apt-get", f"{NOTE}read -r answer; exec {shutil.which('sleep')} 60\n")
    image.has("python3", python("3.10.12", unfit=True))
    status, _ = image.set_up(CONVLAB_STEP_SECONDS="1", FAKE_GITHUB="no")
    assert status == 1
    assert image.calls("apt-get", "Acquire::http::Timeout=20", "update")


def test_before_the_files_are_there_no_reference_is_graded(image: Image) -> None:
    image.has("python3", python("3.12.3"))
    shutil.rmtree(image.folder / "autograder/source/files")
    status, said = image.set_up()
    assert status == 0
    assert "self-test is left out" in said
    assert (image.folder / "autograder/venv/bin/python").is_file()
