"""student.zip on its own, unpacked in an empty folder: the checks, the notebook, submit.py.

Uses this interpreter's packages. With CONVLAB_FRESH_VENV=1 it makes an environment from the zip's own
requirements.txt instead (torch as in constraints.txt), which takes minutes and a package registry.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest

from autograder.lab import load_lab
from autograder.release.archives import archive
from autograder.release.notebooks import MAY_FAIL
from autograder.release.sources import cut_lab
from autograder.release.student import solution_files, student_files
from autograder.submission import open_submission

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = load_lab(ROOT)
pytestmark = pytest.mark.slow

CHECK_ALL = dedent(
    """
    import sys
    import autograder
    from autograder.checking.notebook import Notebook
    assert "site-packages" not in autograder.__file__ and sys.argv[1] in autograder.__file__, autograder
    grader = Notebook("lab06.ipynb")
    for question in sys.argv[2:]:
        result = grader.check(question)
        print(question, result.grade == 1, len(result.outcomes), sep=",")
    """
)


@dataclass(frozen=True)
class Folder:
    """The unpacked zip, and the Python that a student has."""

    path: Path
    python: Path

    def run(self, *command: str) -> tuple[int, str]:
        """Run Python in the folder; its exit status and all it said."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CONVLAB_")}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        done = subprocess.run(
            [str(self.python), *command],
            cwd=self.path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        return done.returncode, done.stdout

    def solve(self) -> None:
        """Put the solutions in."""
        solutions = solution_files(cut_lab(load_lab(ROOT)))
        for name in ASSIGNMENT.module_files:
            (self.path / name).write_bytes(solutions[name])


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not os.environ.get("CONVLAB_FRESH_VENV"):
        return Path(sys.executable)
    place = tmp_path_factory.mktemp("fresh")
    (place / "requirements.txt").write_bytes(student_files(cut_lab(load_lab(ROOT)))["requirements.txt"])
    subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)
    own = place / "venv" / "bin" / "python"
    install = [str(own), "-m", "pip", "install", "-q", "-r", str(place / "requirements.txt")]
    subprocess.run([*install, *_pinned_torch()], check=True)
    return own


def _pinned_torch() -> list[str]:
    """The build of torch that is known to work; a student takes whichever pip finds."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line for line in lines if line.startswith(("torch==", "torchvision=="))]


@pytest.fixture
def folder(python: Path, tmp_path: Path) -> Folder:
    zipped, place = tmp_path / "student.zip", tmp_path / "lab 06"
    zipped.write_bytes(archive(student_files(cut_lab(load_lab(ROOT)))))
    with zipfile.ZipFile(zipped) as opened:
        opened.extractall(place)
    return Folder(place, python)


@pytest.mark.ci
def test_pytest_with_the_stubs_fails_check_by_check(folder: Folder) -> None:
    code, said = folder.run("-m", "pytest", "-p", "no:cacheprovider")
    assert code == 1, said
    summary = said.strip().splitlines()[-1]
    assert " failed" in summary
    assert "error" not in summary
    assert "passed" not in summary
    assert "Not implemented yet: open gradient.py, line " in said


@pytest.mark.ci
def test_with_the_solutions_everything_passes(folder: Folder) -> None:
    folder.solve()
    code, said = folder.run("-m", "pytest", "-p", "no:cacheprovider")
    assert code == 0, said

    questions = [question.id for question in ASSIGNMENT.auto_graded]
    code, said = folder.run("-c", CHECK_ALL, str(folder.path), *questions)
    assert code == 0, said
    verdicts = [line.split(",") for line in said.splitlines() if line.startswith("q")]
    assert [(question, passed) for question, passed, _ in verdicts] == [(q, "True") for q in questions]
    assert all(int(cases) > 0 for _, _, cases in verdicts)

    code, said = folder.run("submit.py")
    assert code == 0, said
    submission = open_submission(folder.path / "lab06-submission.zip", ASSIGNMENT)
    solutions = solution_files(cut_lab(load_lab(ROOT)))
    assert submission.sources == {name: solutions[f"{name}.py"].decode() for name in ASSIGNMENT.modules}
    assert not submission.problems
    assert not submission.notes
    assert graded(folder) == (83, 83)


def graded(folder: Folder) -> tuple[float, float]:
    """What `convlab grade`, run outside of the folder, gives for the zip that submit.py made."""
    out = folder.path.parent / "results"
    command = ["-m", "autograder.cli", "grade", str(folder.path / "lab06-submission.zip"), "--out", str(out)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    grade = json.loads((out / "lab06-submission" / "grade.json").read_text())
    return grade["score"], grade["max_score"]


@pytest.mark.ci
def test_the_notebook_runs_from_top_to_bottom_with_the_stubs(folder: Folder) -> None:
    options = ["--to", "notebook", "--execute", "--output", "done.ipynb", "--ExecutePreprocessor.timeout=600"]
    code, said = folder.run("-m", "nbconvert", *options, "lab06.ipynb")
    assert code == 0, said[-3000:]
    done = nbformat.read(folder.path / "done.ipynb", as_version=4)
    cells = [cell for cell in done.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    failed = [cell for cell in cells if any(out.output_type == "error" for out in cell.outputs)]
    assert failed
    assert all(MAY_FAIL in cell.metadata["tags"] for cell in failed)
    assert not [cell for cell in cells if 'grader.check("' in cell.source and not cell.outputs]
