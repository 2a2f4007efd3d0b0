"""Makes otter's files from our list of checks: tests for both sides, and what autograder.zip holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from itertools import groupby
from pathlib import Path

from autograder.checking.catalog import catalog, others
from autograder.checking.check import Check
from autograder.lab import Lab, load_lab
from autograder.otter.config import CONFIG_NAME, check_config, config_bytes, read_config
from autograder.otter.quarantine import trusted_notebook

ZIP_FILES = Path(__file__).parent / "zip"
PACKAGE = Path(__file__).resolve().parent.parent
SKELETON = PACKAGE / "skeleton"
"""Where an installed engine keeps what `convlab new` writes."""
CODE = {".py", ".ini", ".json", ".j2", ".html", ".css", ".sh"}
"""Kinds of files of the package that go into autograder.zip."""

STUDENT_HEAD = '''\
"""Public checks of {question}. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "{question}"
points = {points!r}
'''
STUDENT_CASE = """

@test_case(name={title}, points={points!r}, hidden=False{more})
def {function}():
    run_public("{package}", "{question}", "{name}")
"""
GRADER_HEAD = '''\
"""{question}: looks up what the isolated grader found. Generated: do not edit."""

from otter.test_files import test_case

OK_FORMAT = False
name = "{question}"
points = {points!r}


def look_up(verdicts, unreadable, number):
    assert not unreadable, unreadable
    passed, message = verdicts[name][number]
    assert passed, message
'''
GRADER_CASE = """

@test_case(name={title}, points={points!r}, hidden={hidden!r})
def {function}(convlab_verdicts, convlab_unreadable):
    look_up(convlab_verdicts, convlab_unreadable, {number})
"""


def student_tests(lab: Lab, checks: Iterable[Check]) -> dict[str, bytes]:
    """`tests/qX_Y.py` for a student's folder: cases that run the public checks on the modules beside.

    The last one of a question that passes says what else is looked at.
    """
    public = [check for check in checks if not check.hidden]
    return _files(lab, public, STUDENT_HEAD, STUDENT_CASE, lambda check: check.title, others(lab))


def grader_tests(lab: Lab, checks: Iterable[Check]) -> dict[str, bytes]:
    """`tests/qX_Y.py` for autograder.zip: cases that look up the verdicts of the isolated grader."""
    return _files(lab, checks, GRADER_HEAD, GRADER_CASE, _grader_title, {})


def _grader_title(check: Check) -> str:
    return f"hidden: {check.title}" if check.hidden else check.title


def _files(
    lab: Lab,
    checks: Iterable[Check],
    head: str,
    case: str,
    title: Callable[[Check], str],
    passed: Mapping[str, str],
) -> dict[str, bytes]:
    in_order = sorted(checks, key=lambda check: (check.question, check.hidden))
    files = {}
    for question, group in groupby(in_order, lambda check: check.question):
        of_question = list(group)
        # Otter adds the cases up as floats, and refuses a file whose sum is larger by the last bit.
        text = head.format(question=question, points=sum(check.points for check in of_question))
        for number, check in enumerate(of_question):
            said = number == len(of_question) - 1 and passed.get(question)
            more = f", success_message={json.dumps(said)}" if said else ""
            fields = {**vars(check), "package": lab.name, "title": json.dumps(title(check)), "number": number}
            fields["more"] = more
            text += case.format(**fields)
        files[f"tests/{question}.py"] = text.encode()
    return files


def otter_config_bytes(lab: Lab, checks: Sequence[Check]) -> bytes:
    """The text of otter_config.json, validated against the checks. ConfigError when they do not fit."""
    text = config_bytes(lab)
    check_config(read_config(text), lab, [check.points for check in checks])
    return text


def autograder_files(lab: Lab) -> dict[str, bytes]:
    """All that autograder.zip holds, by path in it, sorted. `run_autograder` and `setup.sh` want mode 0755.

    otter copies `files/` beside what the student handed in. So the package is one folder deeper than the
    intake looks, and the one file that is named like a student's is the trusted notebook: it takes the place
    of one that is missing or broken.
    """
    checks = catalog(lab)
    files = {CONFIG_NAME: otter_config_bytes(lab, checks), **grader_tests(lab, checks)}
    files |= {path.name: path.read_bytes() for path in ZIP_FILES.iterdir() if path.is_file()}
    files["requirements.txt"] = requirements(lab.root)
    files[f"files/{lab.notebook}"] = trusted_notebook(lab)
    for path in (*_package(), *_lab(lab)):
        base = PACKAGE.parent if path.is_relative_to(PACKAGE) else lab.root
        files[f"files/convlab/{path.relative_to(base).as_posix()}"] = path.read_bytes()
    return dict(sorted(files.items()))


def _package() -> Iterator[Path]:
    for path in PACKAGE.rglob("*"):
        left_out = {ZIP_FILES, SKELETON} & set(path.parents) or "__pycache__" in path.parts
        if path.is_file() and path.suffix in CODE and not left_out:
            yield path


def _lab(lab: Lab) -> Iterator[Path]:
    """What grading reads besides the engine: the lab's settings and code, the reference, the data."""
    yield lab.folder / "assignment.toml"
    yield from lab.code()
    yield from (path for path in (lab.mistakes, lab.student_facts) if path.is_file())
    yield from (lab.folder / "handout" / name for name in lab.given)
    yield from (lab.solutions / name for name in lab.module_files)
    yield from (lab.folder / name for name in (*lab.data, *lab.kept))


_NEEDED = (
    *("click", "iniconfig", "jinja2", "jupytext", "nbformat", "numpy", "pydantic", "pytest", "pyyaml"),
    *("rich", "torch"),
)
_OTTER, _OTTER_RANGE = "otter-grader", ">=7.0,<8"


def requirements(root: Path) -> bytes:
    """The packages that grading under otter needs, pinned.

    The versions are those of the lab's own constraints.txt; for what is not in it, those installed here.
    """
    pinned = _constraints(root / "constraints.txt")
    lines = [pinned.get(name) or _installed(name) for name in _NEEDED]
    otter = pinned.get(_OTTER) or _installed(_OTTER)
    lines.append(otter.replace(_OTTER, f"{_OTTER}[grading]"))
    return ("\n".join(sorted(lines)) + "\n").encode()


def _constraints(path: Path) -> dict[str, str]:
    """The lines of a constraints.txt by the package that they pin; none where there is no such file."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return {line.partition("==")[0].strip().lower(): line.strip() for line in lines if "==" in line}


def _installed(name: str) -> str:
    """A package at the version that is installed; `+cpu` and the like name a build, which others may lack."""
    try:
        return f"{name}=={metadata.version(name).partition('+')[0]}"
    except metadata.PackageNotFoundError:
        return f"{name}{_OTTER_RANGE}" if name == _OTTER else name


def main() -> None:
    """Write otter_config.json at the top of the repository."""
    lab = load_lab()
    (lab.root / CONFIG_NAME).write_bytes(otter_config_bytes(lab, catalog(lab)))


if __name__ == "__main__":
    main()
