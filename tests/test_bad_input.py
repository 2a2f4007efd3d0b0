"""End to end: what users and students get wrong, and what the command makes of it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from handed_in import COMPLETE, foldered, zipped
from harness import ROOT, lab, reference_sources

from autograder.batch import collect, grade_all
from autograder.cli import main
from autograder.grade import Grade, Verdict
from autograder.grading import Grader, GraderError

REFERENCE = {f"{name}.py": text.encode() for name, text in reference_sources().items()}
ASKED = frozenset({"q1_2", "q2_1", "q2_2", "q3_4"})


def convlab(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "80"})


# ---- what stops before anything runs -------------------------------------------------------------------


@pytest.fixture
def _no_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a run gets as far as starting the sandbox."""

    def started(self: object, *arguments: object, **more: object) -> None:
        raise AssertionError("the sandbox was started")

    monkeypatch.setattr("autograder.grading.grader.Zygote", started)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with something of every kind in it."""
    foldered(tmp_path / "good", REFERENCE)
    zipped(tmp_path / "empty.zip", {})
    (tmp_path / "text.zip").write_text("I could not make a zip.")
    zipped(tmp_path / "other.zip", {"essay.pdf": b"%PDF"})
    (tmp_path / "bare").mkdir()
    return tmp_path


USES = [
    ("", "Missing argument 'PATH...'"),
    ("nowhere", "nowhere: No such file or directory"),
    ("good nowhere", "nowhere: No such file or directory"),
    ("empty.zip", "empty.zip: the zip is empty; it must hold the modules of the lab"),
    ("bare", "nor any zip or folder to grade"),
    ("text.zip", "text.zip: not a readable zip file; hand in a .zip or a folder"),
    ("good/model.py", "model.py: not a readable zip file"),
    ("other.zip", "other.zip: holds none of model.py, training.py, convolution.py, gradient.py"),
    ("good --only q2_1,q9_9", "unknown question q9_9; choose from q1_1"),
    ("good --only q2_3", "q2_3: people mark the written answers, which are always read"),
    ("good --only q9_9", "Error: --only: unknown question q9_9"),
    ("good --only q1_7 --no-training", "Error: --only, --no-training: nothing would be run: q1_7 trains"),
    ("good --only ,", "name at least one question"),
    ("good --device tpu", "'tpu' is not one of 'auto', 'cpu', 'cuda'"),
    ("good --data bare", "bare"),
    ("good --seed -1", "-1 is not in the range"),
    ("good --out text.zip", "is a file"),
    ("good --out text.zip/x", "cannot be written: Not a directory"),
    ("good --out good/out", "name another folder"),
    ("good --fast", "No such option"),
]


@pytest.mark.usefixtures("_no_grader")
@pytest.mark.parametrize(("use", "told"), USES)
def test_bad_usage_ends_with_2_and_says_why(
    place: Path, monkeypatch: pytest.MonkeyPatch, use: str, told: str
) -> None:
    monkeypatch.chdir(place)
    result = convlab("grade", *use.split())
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert told in result.output


@pytest.mark.usefixtures("_no_grader")
def test_unforeseen_trouble_is_the_graders_fault(place: Path) -> None:
    result = convlab("grade", place / "good", "--out", place / "out")
    assert result.exit_code == 3
    assert "the grader itself failed, not the submission: AssertionError" in result.output


def test_a_grader_that_cannot_start_ends_with_3(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise GraderError("no seccomp here")

    monkeypatch.setattr(Grader, "__enter__", refuse)
    result = convlab("grade", place / "good", "--out", place / "out")
    assert result.exit_code == 3
    assert "the grader itself failed, not the submission: no seccomp here" in result.output


def test_a_lab_that_is_not_there_ends_with_2(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVLAB_ROOT", str(place / "bare"))
    result = convlab("grade", place / "good", "--out", place / "out")
    assert result.exit_code == 2
    assert "holds no assignment/assignment.toml; set CONVLAB_ROOT" in result.output


# ---- what costs a question, in the sandbox ---------------------------------------------------------------


@pytest.fixture(scope="module")
def grader(warm: Grader) -> Grader:
    return warm.variant(only=ASKED)


def graded(grader: Grader, tmp_path: Path, files: dict[str, bytes]) -> Grade:
    """The grade of a zip of the reference with some files put in, as it was written."""
    path = zipped(tmp_path / "hers.zip", files)
    for _ in grade_all(collect([path], lab(), tmp_path / "out"), grader, tmp_path / "out"):
        pass
    return Grade.model_validate_json((tmp_path / "out" / "hers" / "grade.json").read_text())


def verdicts(grade: Grade) -> dict[str, str]:
    return {question: str(grade.question(question).verdict) for question in sorted(ASKED)}


PASSED = dict.fromkeys(sorted(ASKED), "passed")
USING = b"def apply_convolution(img, kernel):\n    return %s.go(img)\n"
OWN = REFERENCE["convolution.py"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        b"\xef\xbb\xbf" + OWN,
        OWN.replace(b"\n", b"\r\n"),
        b"# coding: latin-1\n# \xe9\n" + OWN.replace(b"from __future__ import annotations\n", b""),
        OWN + b"print('hello', flush=True)\nimport sys\nprint('x' * 10**6, file=sys.stderr)\n",
        OWN + b"print('\\x1b[31m [red] \\ud800 \\u202e')\n",
        OWN + b"if __name__ == '__main__':\n    import nowhere\n",
    ],
    ids=["BOM", "CRLF", "latin-1 declared", "prints", "prints oddities", "main"],
)
def test_what_costs_nothing(grader: Grader, tmp_path: Path, module: bytes) -> None:
    assert verdicts(graded(grader, tmp_path, {**REFERENCE, "convolution.py": module})) == PASSED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "told"),
    [
        (b"x\n# \xe9\n" + OWN, ["convolution.py, line 2: byte 0xe9 is not UTF-8; save the file as UTF-8"]),
        (
            b"import nowhere\n" + USING % b"nowhere",
            ["ImportError", "imports nowhere", "convolution.py, line 3"],
        ),
        (
            b"import no.where\n" + USING % b"no.where",
            ["ImportError", "imports no.where,", "convolution.py, line 3"],
        ),
        (b"def f(:\n", ["SyntaxError", "convolution.py, line 1"]),
        (b"\n\n1 / 0\n", ["ZeroDivisionError", "convolution.py, line 3"]),
        (b"raise ValueError('\\ud800 \\x1b[31m')\n", ["ValueError", "convolution.py, line 1"]),
        (b"import sys\nsys.exit()\n", ["convolution.py"]),
        (b"x = 1\n", ["apply_convolution"]),
        (b"", ["apply_convolution"]),
        (None, ["convolution.py was not handed in"]),
    ],
    ids=[
        "latin-1",
        "package",
        "submodule",
        "syntax",
        "raises",
        "oddities",
        "exits",
        "empty",
        "nothing",
        "none",
    ],
)
def test_what_costs_its_own_questions_alone(
    grader: Grader, tmp_path: Path, module: bytes | None, told: list[str]
) -> None:
    files = {**REFERENCE, "convolution.py": module or b""}
    if module is None:
        del files["convolution.py"]
    grade = graded(grader, tmp_path, files)
    assert {**verdicts(grade), "q2_1": "-", "q2_2": "-"} == {**PASSED, "q2_1": "-", "q2_2": "-"}
    checks = grade.question("q2_2").checks
    assert all(check.verdict in (Verdict.ERROR, Verdict.CRASHED) for check in checks)
    for check in (check for check in checks if check.visibility == "visible"):
        assert all(part in check.message for part in told), check.message


@pytest.mark.slow
def test_modules_one_folder_deep_and_a_notebook_alone(grader: Grader, tmp_path: Path) -> None:
    deep = graded(grader, tmp_path, {f"lab/{name}": text for name, text in REFERENCE.items()})
    assert verdicts(deep) == PASSED
    alone = graded(grader, tmp_path, {"lab06.ipynb": COMPLETE["lab06.ipynb"]})
    assert alone.score == 0
    assert alone.question("q2_3").answer == "because"
    assert alone.question("q2_2").checks[0].message == "convolution.py was not handed in."


# ---- the command, whole ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What examples/make.py writes."""
    folder = tmp_path_factory.mktemp("examples")
    subprocess.run([sys.executable, ROOT / "examples" / "make.py", folder], check=True, cwd=folder)
    return folder


def without_times(out: Path) -> dict[str, Any]:
    """All that a run has written, but for what the clock says."""
    found: dict[str, Any] = {"grades.csv": (out / "grades.csv").read_text()}
    for path in sorted(out.glob("*/*.json")):
        data = json.loads(path.read_text())
        data.pop("seconds", None)
        for question in data.get("questions", []):
            for check in question["checks"]:
                check.pop("seconds")
        found[f"{path.parent.name}/{path.name}"] = json.dumps(data)
    return found


@pytest.mark.ci
def test_the_examples_are_what_they_are_said_to_be(examples: Path, tmp_path: Path) -> None:
    result = convlab("grade", examples, "--out", tmp_path, "--no-training", "--device", "cpu")
    assert result.exit_code == 0, result.output
    grades = {
        path.parent.name: Grade.model_validate_json(path.read_text())
        for path in tmp_path.glob("*/grade.json")
    }
    assert {name: grade.score for name, grade in grades.items()} == {
        "perfect": 73,
        "stub": 0,
        "half-done": 41,
    }
    found = {q.id: str(q.verdict) for q in grades["half-done"].questions if q.verdict is not Verdict.PASSED}
    expected = {"q1_4": "wrong", "q1_6": "not implemented", "q2_2": "timeout", "q3_3": "crashed"}
    assert expected.items() <= found.items()
    assert all(q.verdict in ("not implemented", "not run", "ungraded") for q in grades["stub"].questions)


@pytest.mark.slow
@pytest.mark.ci
def test_grading_twice_gives_the_same(examples: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.zip").write_text("not a zip")
    paths = [examples / "half-done", examples / "perfect.zip", tmp_path / "in" / "bad.zip"]
    written = []
    for n in ("1", "2"):
        result = convlab("grade", *paths, "--out", tmp_path / n, "--only", "q1_4,q2_1,q3_3")
        assert result.exit_code == 2, result.output
        assert "1 of 3 submissions could not be read; the others were graded" in result.output
        written.append(without_times(tmp_path / n))
    assert written[0] == written[1]
    assert set(written[0]) >= {"perfect/grade.json", "half-done/results.json"}
    assert "bad" in written[0]["grades.csv"]


@pytest.mark.ci
def test_one_check_by_pytest(examples: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "assignment/lab06/public", "-p", "no:cacheprovider"]

    def run(path: Path, which: str) -> subprocess.CompletedProcess[str]:
        arguments = [f"--submission={path}", "-k", which]
        return subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True)

    fine = run(examples / "perfect.zip", "q2_1")
    assert (fine.returncode, fine.stderr) == (0, ""), fine.stdout
    wrong = run(examples / "half-done", "q1_4 or q3_3")
    assert wrong.returncode == 1
    assert "One step on gradients of 1 took the weights" in wrong.stdout
    assert "The program ended itself with status 1" in wrong.stdout
    assert "sandboxed.py" not in wrong.stdout
    nowhere = run(examples / "nowhere", "q1_4")
    assert nowhere.returncode == 4
    assert f"ERROR: {examples / 'nowhere'}: No such file or directory" in nowhere.stderr


@pytest.mark.slow
def test_examples_are_made_the_same_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("make", ROOT / "examples" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    for name in ("1", "2"):
        monkeypatch.setattr(sys, "argv", ["make.py", str(tmp_path / name)])
        make.main()
    first, second = (
        {str(path.relative_to(tmp_path / n)): path.read_bytes() for path in (tmp_path / n).rglob("*.*")}
        for n in ("1", "2")
    )
    assert first == second
    assert {"perfect.zip", "stub.zip", "half-done/model.py", "half-done/lab06.ipynb"} <= set(first)
    assert b"#!TAG" not in b"".join(first.values())
