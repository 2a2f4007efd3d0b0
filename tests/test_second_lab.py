"""The second lab: released, graded, audited and run through otter by the engine that grades Lab 6.

`convlab new` writes it under another name, from a checkout and from an installed wheel.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.checking.catalog import catalog
from autograder.cli import main
from autograder.grade import Grade, Verdict
from autograder.lab import Lab, load_lab
from autograder.otter.generate import requirements
from autograder.release.sources import cut_lab
from autograder.release.student import differences, student_files

ROOT = Path(__file__).resolve().parent.parent
TINY = ROOT / "examples" / "tinylab"
QUESTIONS = ("q1_1", "q1_2", "q1_3")


@pytest.fixture(scope="module")
def tiny() -> Lab:
    return load_lab(TINY)


def convlab(*arguments: str, lab: Path) -> str:
    """Run the command for a lab; its output. The exit status must be 0."""
    command = [sys.executable, "-m", "autograder.cli", *arguments]
    environ = {**os.environ, "CONVLAB_ROOT": str(lab), "PYTHONPATH": str(ROOT)}
    return _run(command, cwd=lab, env=environ)


def _run(command: list[str], cwd: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


# --- the lab in the repository -----------------------------------------------------------------------------


def test_its_student_folder_is_fresh(tiny: Lab) -> None:
    files = student_files(cut_lab(tiny))
    assert not differences(files, tiny.student), "run `CONVLAB_ROOT=examples/tinylab convlab cut`"
    assert tiny.mistakes.read_bytes() == files["tinylab/public/mistakes.json"]


def test_it_is_a_small_lab_with_every_part_but_training(tiny: Lab) -> None:
    assert [(q.id, q.written) for q in tiny.questions] == list(
        zip(QUESTIONS, (False, False, True), strict=True)
    )
    assert len(tiny.modules) == 1
    assert tiny.training is None
    assert not tiny.data
    assert tiny.rubric.is_file()
    for function in ("normalise_rows", "cosine_similarity"):
        assert len(list((tiny.misconceptions / function).glob("*.py"))) >= 2
        assert len(list((tiny.cases / "wheats" / function).glob("*.py"))) >= 3
        assert len(list((tiny.cases / "chaffs" / function).glob("*.py"))) >= 3
    for question in QUESTIONS[:2]:
        assert {check.hidden for check in catalog(tiny) if check.question == question} == {True, False}


def test_submit_is_the_same_for_both_labs() -> None:
    ours, theirs = ((root / "student" / "submit.py").read_bytes() for root in (ROOT, TINY))
    assert theirs == ours


def test_without_constraints_otter_gets_the_versions_installed_here(tmp_path: Path) -> None:
    lines = requirements(tmp_path).decode().splitlines()
    assert len(lines) == len(requirements(ROOT).splitlines())
    assert all(line.partition("==")[2][:1].isdigit() for line in lines)
    assert not any("+" in line for line in lines)


# --- what the engine makes of it ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the three zips of the second lab."""
    dist = tmp_path_factory.mktemp("released")
    said = convlab("release", "--out", str(dist), lab=TINY)
    assert "The reference scores 10 of 10." in said
    assert "The stub scores 0 of 10." in said
    return dist


def handed_in(zip_path: Path, target: Path, changed: Mapping[str, bytes] | None = None) -> Path:
    """A submission made from what a released zip holds of a student's work."""
    with zipfile.ZipFile(zip_path) as source, zipfile.ZipFile(target, "w") as out:
        for name in ("vectors.py", f"{_name(source)}.ipynb"):
            out.writestr(name, (changed or {}).get(name, source.read(name)))
    return target


def _name(source: zipfile.ZipFile) -> str:
    return next(name for name in source.namelist() if name.endswith(".ipynb")).removesuffix(".ipynb")


def half_right(dist: Path, target: Path) -> Path:
    """The reference, but for rows that are normalised along the wrong dimension."""
    mistake = TINY / "assignment/tinylab/misconceptions/normalise_rows/columns_normalised.py"
    with zipfile.ZipFile(dist / "solutions.zip") as source:
        text = source.read("vectors.py") + b"\n\n" + mistake.read_bytes()
    return handed_in(dist / "solutions.zip", target, {"vectors.py": text})


@pytest.mark.slow
def test_it_is_graded_question_by_question_and_reported(released: Path, tmp_path: Path) -> None:
    submissions = tmp_path / "submissions"
    submissions.mkdir()
    handed_in(released / "solutions.zip", submissions / "reference.zip")
    handed_in(released / "student.zip", submissions / "stub.zip")
    half_right(released, submissions / "half.zip")
    out = tmp_path / "results"
    convlab("grade", str(submissions), "--out", str(out), lab=TINY)

    grades = {
        name: Grade.model_validate_json((out / name / "grade.json").read_bytes())
        for name in ("reference", "stub", "half")
    }
    assert {name: grade.score for name, grade in grades.items()} == {"reference": 10, "stub": 0, "half": 6}
    verdicts = {name: [str(q.verdict) for q in grade.questions] for name, grade in grades.items()}
    assert verdicts == {
        "reference": ["passed", "passed", "ungraded"],
        "stub": ["not implemented", "not implemented", "ungraded"],
        "half": ["wrong", "passed", "ungraded"],
    }
    assert "columns have length 1" in grades["half"].to_json()

    convlab("report", str(out), lab=TINY)
    report = (out / "report.html").read_text("utf-8")
    assert "Tinylab: Vectors" in report
    assert "Training" not in report
    assert "Accuracy" not in report
    convlab("written", "collect", str(out), lab=TINY)
    page = (out / "written.html").read_text("utf-8")
    assert "so the size of the factor cancels" in page
    assert "q1_3" in (out / "written.csv").read_text("utf-8")


@pytest.mark.ci
def test_otter_gives_the_same_points(released: Path, tmp_path: Path) -> None:
    pytest.importorskip("otter")
    submission = half_right(released, tmp_path / "half.zip")
    otter = str(Path(sys.executable).parent / "otter")
    zipped = str(released / "autograder.zip")
    out = tmp_path / "otter"
    out.mkdir()
    _run([otter, "run", str(submission), "-a", zipped, "-o", str(out)], cwd=out, env=os.environ)
    results = json.loads((out / "results.json").read_text("utf-8"))
    scores = {test["name"]: test["score"] for test in results["tests"] if "score" in test}

    convlab("grade", str(submission), "--out", str(tmp_path / "results"), lab=TINY)
    grade = Grade.model_validate_json((tmp_path / "results/half/grade.json").read_bytes())
    assert scores == {q.id: q.score for q in grade.questions if q.verdict is not Verdict.UNGRADED}
    assert results["score"] == grade.score == 6


@pytest.mark.slow
@pytest.mark.ci
def test_its_audit_is_clean(tmp_path: Path) -> None:
    said = convlab("audit", "--seeds", "2", "--out", str(tmp_path), lab=TINY)
    assert "0 of 6 wheats lost, 0 of 17 chaffs accepted, 14 of 14 mutants killed (1 more" in said
    assert "0 of 20 variants lost, each under 2 seeds" in said
    assert "0 cases misdiagnosed" in said
    assert "0 cases cost points in both" in said


# --- convlab new -------------------------------------------------------------------------------------------


def new(path: Path) -> str:
    done = CliRunner().invoke(main, ["new", str(path)])
    assert done.exit_code == 0, done.output
    return done.output


def refused(path: Path) -> str:
    """The message with which `convlab new` refuses a path: exit status 2, and nothing written."""
    before = sorted(path.rglob("*")) if path.is_dir() else path.exists()
    done = CliRunner().invoke(main, ["new", str(path)])
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert before == (sorted(path.rglob("*")) if path.is_dir() else path.exists())
    return done.output


def test_a_new_lab_is_the_example_under_another_name(tmp_path: Path) -> None:
    said = new(tmp_path / "course" / "lab7")
    assert f"cd {tmp_path}/course/lab7 && convlab release" in said
    root = tmp_path / "course" / "lab7"
    lab = load_lab(root)
    assert (lab.name, lab.notebook, lab.title) == ("lab7", "lab7.ipynb", "Lab7: Vectors")
    assert [question.id for question in lab.questions] == list(QUESTIONS)
    files = [path for path in root.rglob("*") if path.is_file()]
    assert not [path for path in files if "tinylab" in path.as_posix().removeprefix(str(root))]
    assert not [path for path in files if b"tinylab" in path.read_bytes().lower()]
    assert not differences(student_files(cut_lab(lab)), lab.student)
    example = {path.relative_to(TINY).as_posix() for path in _written(TINY)}
    assert {
        path.relative_to(root).as_posix().replace("lab7", "tinylab") for path in _written(root)
    } == example


def _written(root: Path) -> list[Path]:
    """The files of a lab that people write."""
    folders = (root / "assignment", root / "solutions")
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if "__pycache__" not in path.parts]


def test_a_new_lab_may_go_into_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "lab8"
    folder.mkdir()
    monkeypatch.chdir(folder)
    new(Path())
    assert load_lab(folder).name == "lab8"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Lab7", "begin with a lower-case letter"),
        ("7lab", "begin with a lower-case letter"),
        ("lab-7", "only lower-case letters, numbers and underscores"),
        ("class", "only lower-case letters, numbers and underscores"),
        ("json", "Python has a module of that name"),
        ("torch", "an installed package has that name"),
        ("autograder", "an installed package has that name"),
        ("vectors", "a file or folder of the lab has that name"),
        ("tests", "a file or folder of the lab has that name"),
    ],
)
def test_a_name_that_cannot_be_a_labs_is_refused(name: str, why: str, tmp_path: Path) -> None:
    said = " ".join(refused(tmp_path / name).split())
    assert f"{name!r} cannot be a lab's name" in said
    assert why in said
    assert "choose another folder" in said


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lab7").mkdir()
    (tmp_path / "lab7" / "notes.txt").write_text("mine")
    assert "is in use; name a folder that is empty or does not exist yet" in refused(tmp_path / "lab7")
    (tmp_path / "lab8").write_text("a file")
    assert "is in use" in refused(tmp_path / "lab8")
    assert "Not a directory" in refused(tmp_path / "lab8" / "lab9")


@pytest.mark.ci
def test_one_check_by_hand(tmp_path: Path) -> None:
    """As docs/write-a-lab.md has it: on one submission, and as a student runs the public ones."""
    new(tmp_path / "lab7")
    root = tmp_path / "lab7"
    environ = {key: value for key, value in os.environ.items() if key != "CONVLAB_ROOT"}
    environ["PYTHONPATH"] = str(ROOT)
    pytest_q1_1 = [sys.executable, "-m", "pytest", "-k", "q1_1", "-p", "no:cacheprovider"]
    said = _run([*pytest_q1_1, "assignment/lab7", "--submission=solutions"], cwd=root, env=environ)
    assert "4 passed" in said
    unwritten = subprocess.run(pytest_q1_1, cwd=root / "student", env=environ, capture_output=True, text=True)
    assert "2 failed" in unwritten.stdout
    assert "Not implemented yet" in unwritten.stdout


# --- the wheel ---------------------------------------------------------------------------------------------

SHIPPED = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
CACHES = shutil.ignore_patterns("__pycache__", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build leaves files behind."""
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in SHIPPED:
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "autograder", source / "autograder", ignore=CACHES)
    shutil.copytree(TINY, source / "examples" / "tinylab", ignore=CACHES)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", str(folder)]
    _run([sys.executable, "-m", "pip", "wheel", *options, str(source)], cwd=folder, env=os.environ)
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.slow
def test_the_wheel_holds_the_engine_and_the_skeleton(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("autograder/")}
        everything = set(archive.namelist())
    engine = [path for path in (ROOT / "autograder").rglob("*") if path.is_file()]
    wanted = {path.relative_to(ROOT).as_posix() for path in engine if "__pycache__" not in path.parts}
    wanted |= {f"autograder/skeleton/{path.relative_to(TINY).as_posix()}" for path in _written(TINY)}
    assert names == wanted
    assert {name.partition("/")[0] for name in everything - names} == {
        f"{wheel.name.split('-py3')[0]}.dist-info"
    }


@pytest.mark.ci
def test_an_installed_engine_makes_releases_and_grades_a_new_lab(wheel: Path, tmp_path: Path) -> None:
    """In an empty folder, without the checkout: new, release, grade; and the sandbox holds there."""
    bin_folder = installed(wheel, tmp_path / "venv")
    command = str(bin_folder / "convlab")
    environ = {"PATH": f"{bin_folder}:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    _run([command, "new", "lab7"], cwd=tmp_path, env=environ)
    root = tmp_path / "lab7"
    said = _run([command, "release"], cwd=root, env=environ)
    assert "The reference scores 10 of 10." in said
    assert "The stub scores 0 of 10." in said
    with zipfile.ZipFile(root / "dist" / "autograder.zip") as archive:
        assert not [name for name in archive.namelist() if "skeleton" in name or "tinylab" in name]

    submissions = root / "submissions"
    submissions.mkdir()
    handed_in(root / "dist" / "solutions.zip", submissions / "reference.zip")
    handed_in(root / "dist" / "student.zip", submissions / "stub.zip")
    _run([command, "grade", "submissions"], cwd=root, env=environ)
    table = (root / "results" / "grades.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[:3] for line in table[1:]] == [["reference", "10", "10"], ["stub", "0", "10"]]
    grade = Grade.model_validate_json((root / "results/reference/grade.json").read_bytes())
    assert grade.environment.isolation[0] == "mnt_ns"  # it starts with UNSAFE where a promise is broken


def installed(wheel: Path, folder: Path) -> Path:
    """A virtual environment of its own with this one's packages (linked) and the wheel; its bin/."""
    venv.create(folder, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    here = Path(sys.prefix) / "lib" / version / "site-packages"
    there = folder / "lib" / version / "site-packages"
    ours = shutil.ignore_patterns("__editable__*", "convlab*", "*.pth")
    shutil.copytree(here, there, ignore=ours, copy_function=_link, dirs_exist_ok=True, symlinks=True)
    options = ["--no-deps", "--no-index", "--no-cache-dir", "-q"]
    python = str(folder / "bin" / "python")
    _run([python, "-m", "pip", "install", *options, str(wheel)], cwd=folder, env={"PATH": "/usr/bin:/bin"})
    return folder / "bin"


def _link(source: str, target: str) -> None:
    """Link a file, or copy it where a link cannot be made."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


# --- docs/write-a-lab.md -----------------------------------------------------------------------------------

BLOCK = re.compile(r"^(`{3,})(?:python|toml|markdown)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"(Append to|Create) `([^`]+)`:\n\n$")
REPLACE = re.compile(r"In `([^`]+)`, replace\n\n$")


def follow(page: str, root: Path) -> list[str]:
    """Make the edits that the page asks for, in its order; the files edited."""
    edited: list[str] = []
    blocks = list(BLOCK.finditer(page))
    for number, block in enumerate(blocks):
        before = page[: block.start()]
        if step := STEP.search(before):
            path = root / step[2]
            path.parent.mkdir(parents=True, exist_ok=True)
            assert path.exists() == (step[1] == "Append to"), path
            with path.open("a", encoding="utf-8") as stream:
                stream.write(block[2])
        elif step := REPLACE.search(before):
            path = root / step[1]
            text = path.read_text("utf-8")
            assert text.count(block[2]) == 1, f"{path} holds {block[2]!r} {text.count(block[2])} times"
            path.write_text(text.replace(block[2], blocks[number + 1][2]), "utf-8")
        else:
            assert before.endswith("by\n\n"), f"what is to be done with {block[2]!r}?"
            continue
        edited.append(path.relative_to(root).as_posix())
    return edited


@pytest.mark.ci
def test_the_page_leads_to_a_third_question(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "write-a-lab.md").read_text("utf-8")
    new(tmp_path / "lab7")
    root = tmp_path / "lab7"
    assert "    student/ is up to date (… files) and gives nothing away." in page
    assert len(follow(page, root)) == 10
    lab = load_lab(root)
    convlab("cut", lab=root)
    said = convlab("release", lab=root)
    assert [line for line in said.splitlines() if "scores" in line] == [
        f"The reference scores {lab.max_score:g} of {lab.max_score:g}.",
        f"The stub scores 0 of {lab.max_score:g}.",
    ]
    assert all(f"    {line}\n" in page for line in said.splitlines() if "scores" in line)
    audited = convlab("audit", "--only", "mean_direction", lab=root)
    counted = next(line for line in audited.splitlines() if "wheats lost" in line)
    assert f"\n    {counted}\n" in page


def test_the_page_says_how_a_stale_folder_is_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release that the page announces to fail does, and names the remedy."""
    new(tmp_path / "lab7")
    follow((ROOT / "docs" / "write-a-lab.md").read_text("utf-8"), tmp_path / "lab7")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["release"], env={"CONVLAB_ROOT": str(tmp_path / "lab7")})
    assert done.exit_code == 1
    assert "run `convlab cut`" in done.output
    assert not (tmp_path / "dist").exists()
