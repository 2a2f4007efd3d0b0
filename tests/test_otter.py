"""Otter in front: its files are made from our checks, and student code never runs in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lab_copy import quick_lab
from otter.run import AutograderConfig
from otter.test_files import ExceptionTestFile, GradingResults

from autograder.checking import local
from autograder.checking.catalog import catalog
from autograder.grade import CheckResult, Environment, Grade, QuestionResult, Verdict, worst
from autograder.lab import load_lab
from autograder.otter import gradescope, selftest
from autograder.otter.config import (
    ConfigError,
    OtterConfig,
    PluginSettings,
    check_config,
    config_bytes,
    read_config,
)
from autograder.otter.generate import autograder_files, grader_tests, otter_config_bytes, student_tests
from autograder.otter.isolated import SHIPPED, Graded, GraderFault, environment, options
from autograder.otter.plugin import Quarantine, verdict_cell
from autograder.otter.quarantine import pack, trusted_notebook
from autograder.submission import open_submission

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = load_lab(ROOT)
CHECKS = catalog(ASSIGNMENT)
AUTO = [question.id for question in ASSIGNMENT.auto_graded]

# ---- otter_config.json -------------------------------------------------------------------------------


def test_the_committed_configuration_is_up_to_date() -> None:
    wanted = otter_config_bytes(ASSIGNMENT, CHECKS)
    here = (ROOT / "otter_config.json").read_bytes()
    assert here == wanted, "otter_config.json is stale: run `convlab cut`"


def test_our_model_knows_otters_keys_and_defaults() -> None:
    ours = OtterConfig().model_dump()
    theirs = AutograderConfig()
    assert ours == {key: getattr(theirs, key) for key in ours}
    assert set(ours) | {"otter_run"} == set(AutograderConfig.__annotations__)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"show_hidden": "false"}, "show_hidden"),
        ({"show_hiden": False}, "show_hiden"),
        ({"points_possible": "83"}, "points_possible"),
        ({"plugins": []}, "plugins"),
        ({"plugins": [{"autograder.otter.plugin.Quarantine": {"devise": "cpu"}}]}, "devise"),
    ],
)
def test_a_wrong_configuration_is_refused_by_key(change: dict[str, Any], said: str) -> None:
    text = json.dumps({**json.loads(config_bytes(ASSIGNMENT)), **change})
    with pytest.raises(ConfigError, match=said):
        read_config(text)


def test_a_configuration_must_fit_the_checks() -> None:
    config = read_config(config_bytes(ASSIGNMENT))
    check_config(config, ASSIGNMENT, [check.points for check in CHECKS])
    with pytest.raises(ConfigError, match="the checks add up to 1"):
        check_config(config, ASSIGNMENT, [1.0])
    with pytest.raises(ConfigError, match="pdf must be off"):
        check_config(config.model_copy(update={"pdf": True}), ASSIGNMENT, [ASSIGNMENT.max_score])


def test_points_with_decimals_add_up(tmp_path: Path) -> None:
    """1.1 and 2.2, and the like, have a sum in binary that is not that of the hundredths."""
    shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    path = tmp_path / "lab" / "assignment" / "assignment.toml"
    text = (
        path.read_text().replace("points = 4\n", "points = 1.1\n").replace("points = 6\n", "points = 2.2\n")
    )
    path.write_text(text)
    lab = load_lab(tmp_path / "lab")
    assert lab.max_score == 3.3
    assert json.loads(otter_config_bytes(lab, catalog(lab)))["points_possible"] == 3.3


def test_options_from_the_environment_come_first() -> None:
    set_here = PluginSettings(device="cpu", seed=1, data="/a", training=False)
    assert options(set_here, {}) == ["--device", "cpu", "--data", "/a", "--seed", "1", "--no-training"]
    environ = {"CONVLAB_DEVICE": "cuda", "CONVLAB_SEED": "2", "CONVLAB_DATA": "/b"}
    assert options(PluginSettings(), environ) == ["--device", "cuda", "--data", "/b", "--seed", "2"]
    assert options(PluginSettings(), {}) == ["--device", "auto"]


def test_python_settings_of_the_caller_do_not_reach_the_grader() -> None:
    made = environment(Path("/r"), {"PYTHONPATH": "/evil", "PYTHONSTARTUP": "/evil", "PATH": "/bin"})
    assert made["PYTHONPATH"] == "/r"
    assert made["PATH"] == "/bin"
    assert "PYTHONSTARTUP" not in made


# ---- test files --------------------------------------------------------------------------------------


def parsed(name: str, text: bytes) -> ExceptionTestFile:
    return ExceptionTestFile.from_string(text.decode("ascii"), path=name)


def test_points_order_and_hidden_flags_are_the_catalogues() -> None:
    public = [check for check in CHECKS if not check.hidden]
    for files, checks in (
        (grader_tests(ASSIGNMENT, CHECKS), CHECKS),
        (student_tests(ASSIGNMENT, CHECKS), public),
    ):
        assert list(files) == [f"tests/{question}.py" for question in AUTO]
        for question in AUTO:
            file = parsed(question, files[f"tests/{question}.py"])
            mine = [check for check in checks if check.question == question]
            assert [(case.points, case.hidden) for case in file.test_cases] == [
                (check.points, check.hidden) for check in mine
            ]
            assert all(check.title in case.name for case, check in zip(file.test_cases, mine, strict=True))
    assert (
        sum(parsed(n, t).possible for n, t in grader_tests(ASSIGNMENT, CHECKS).items())
        == ASSIGNMENT.max_score
    )


def test_nothing_hidden_is_in_the_students_files() -> None:
    text = b"".join(student_tests(ASSIGNMENT, CHECKS).values()).decode()
    for check in CHECKS:
        if check.hidden:
            assert f'"{check.question}", "{check.name}"' not in text


def in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, question: str) -> ExceptionTestFile:
    monkeypatch.chdir(folder)
    file = parsed(f"tests/{question}.py", student_tests(ASSIGNMENT, CHECKS)[f"tests/{question}.py"])
    file.run({})
    return file


def copy_modules(source: Path, target: Path) -> Path:
    for name in ASSIGNMENT.module_files:
        (target / name).write_bytes((source / name).read_bytes())
    return target


@pytest.mark.parametrize("question", ["q1_3", "q2_1", "q2_2", "q3_3", "q3_4"])
def test_the_students_tests_pass_with_the_reference(
    question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = in_folder(copy_modules(ROOT / "solutions", tmp_path), monkeypatch, question)
    assert file.passed_all
    assert "All test cases passed!" in repr(file)


def test_a_failure_says_what_helps_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_modules(ROOT / "student", tmp_path)
    unfinished = repr(in_folder(folder, monkeypatch, "q2_1"))
    assert "Unfinished: Not implemented yet" in unfinished
    assert "convolution.py, line" in unfinished
    (folder / "convolution.py").write_text("def apply_convolution(img, kernel):\n    return img / kernel\n")
    failed = repr(in_folder(folder, monkeypatch, "q2_2"))
    assert "Failed: RuntimeError" in failed
    assert "convolution.py, line 2, in apply_convolution: return img / kernel" in failed
    for text in (unfinished, failed):
        assert "Traceback" not in text
        assert "site-packages" not in text
        assert str(ROOT) not in text


def test_modules_are_read_anew_at_each_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_modules(ROOT / "student", tmp_path)
    assert not in_folder(folder, monkeypatch, "q2_1").passed_all
    copy_modules(ROOT / "solutions", tmp_path)
    assert in_folder(folder, monkeypatch, "q2_1").passed_all


def test_a_module_that_is_not_utf8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "convolution.py").write_bytes("# é\n".encode("latin-1"))
    assert "convolution.py, line 1: byte 0xe9 is not UTF-8; save the file as UTF-8" in repr(
        in_folder(tmp_path, monkeypatch, "q2_1")
    )


def test_a_notebook_shows_angle_brackets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "convolution.py").write_text(
        "def apply_convolution(img, kernel):\n    raise ValueError('<b> & <i>')\n"
    )
    assert "ValueError: <b> & <i>" in repr(in_folder(tmp_path, monkeypatch, "q2_2"))
    monkeypatch.setattr(local, "_in_notebook", lambda: True)
    page = in_folder(tmp_path, monkeypatch, "q2_2")._repr_html_()
    assert "ValueError: &lt;b&gt; &amp; &lt;i&gt;" in page


# ---- autograder.zip ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zip_files() -> dict[str, bytes]:
    return autograder_files(ASSIGNMENT)


def test_the_zip_has_otters_layout(zip_files: dict[str, bytes]) -> None:
    top = {"run_autograder", "run_otter.py", "setup.sh", "environment.yml", "requirements.txt"}
    assert top | {"otter_config.json", "files/lab06.ipynb", "tests/q2_1.py"} <= set(zip_files)
    assert list(zip_files) == sorted(zip_files)
    allowed = ("tests/", "files/convlab/autograder/", "files/convlab/assignment/", "files/convlab/solutions/")
    facts = "files/convlab/student/lab06/facts.json"
    for name in zip_files:
        assert name.startswith(allowed) or name in top | {"otter_config.json", "files/lab06.ipynb", facts}, (
            name
        )
        assert "__pycache__" not in name
    for script in ("run_autograder", "setup.sh"):
        assert zip_files[script].startswith(b"#!/usr/bin/env bash\n")


def test_nothing_otter_copies_can_pass_for_a_students_module(
    zip_files: dict[str, bytes], tmp_path: Path
) -> None:
    """otter copies files/ beside the submission; the intake looks one folder deep."""
    for name, data in zip_files.items():
        if name.startswith("files/"):
            path = tmp_path / name.removeprefix("files/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    (tmp_path / "model.py").write_text("# the student's only file\n")
    pack(tmp_path, tmp_path / "packed.zip")
    found = open_submission(tmp_path / "packed.zip", ASSIGNMENT)
    assert found.sources == {"model": "# the student's only file\n"}


def test_requirements_are_pinned_and_complete(zip_files: dict[str, bytes]) -> None:
    lines = zip_files["requirements.txt"].decode().split()
    assert all("==" in line for line in lines)
    names = {line.partition("==")[0].lower() for line in lines}
    project = (ROOT / "pyproject.toml").read_text().partition("dependencies = [")[2].partition("]")[0]
    needed = {line.strip(' ",').partition(">=")[0] for line in project.split("\n") if line.strip()}
    assert needed | {"otter-grader[grading]"} == names


@pytest.mark.parametrize("script", ["run_autograder", "setup.sh"])
def test_the_scripts_are_bash(script: str, zip_files: dict[str, bytes]) -> None:
    assert subprocess.run(["bash", "-n"], input=zip_files[script]).returncode == 0


# ---- quarantine --------------------------------------------------------------------------------------


def test_contents_are_packed_for_the_owner_alone_links_are_not_followed(tmp_path: Path) -> None:
    folder, secret, target = tmp_path / "in", tmp_path / "secret.py", tmp_path / "out.zip"
    (folder / "deep" / "er").mkdir(parents=True)
    secret.write_text("SECRET")
    for name in ("convolution.py", "otter.py", ".OTTER_LOG", "deep/model.py", "deep/er/gradient.py"):
        (folder / name).write_text("x = 1")
    (folder / "convolution.py").chmod(0)
    (folder / "training.py").symlink_to(secret)
    os.mkfifo(folder / "model.py")
    pack(folder, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert b"SECRET" not in b"".join(archive.read(name) for name in names)
    assert set(names) == {"convolution.py", "training.py", "model.py", "otter.py", "deep/model.py"}
    found = open_submission(target, ASSIGNMENT)
    assert "link" in found.problems["training"]
    if os.geteuid() == 0:
        assert found.sources == {"convolution": "x = 1"}


@pytest.mark.parametrize(
    "name", ["model (1).py", "model.py.txt", "Model.py", "lab06.IPYNB", "lab06 (1).ipynb", "deep/model-2.py"]
)
def test_the_quarantine_holds_all_that_the_intake_would_read(name: str, tmp_path: Path) -> None:
    folder, target = tmp_path / "in", tmp_path / "out.zip"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("{}")
    (folder / "training.py").write_text("x = 1\n")
    pack(folder, target)
    direct, quarantined = (open_submission(path, ASSIGNMENT) for path in (folder, target))
    assert replace(quarantined, id=direct.id) == direct


# ---- the plugin, with a grader that answers what it is told ------------------------------------------


def made_up_grade(passing: Callable[[str, int], bool]) -> Grade:
    questions = []
    for question in ASSIGNMENT.questions:
        checks = tuple(
            CheckResult(
                name=check.name,
                title=check.title,
                verdict=Verdict.PASSED if passing(question.id, n) else Verdict.WRONG,
                score=check.points if passing(question.id, n) else 0,
                max_score=check.points,
                visibility=ASSIGNMENT.hidden_visibility if check.hidden else "visible",
                message="" if passing(question.id, n) else f"{check.name} <went> wrong",
            )
            for n, check in enumerate(check for check in CHECKS if check.question == question.id)
        )
        verdict = Verdict.UNGRADED if question.written else worst(check.verdict for check in checks)
        questions.append(
            QuestionResult(
                id=question.id,
                title=question.title,
                score=sum(check.score for check in checks),
                max_score=question.points,
                verdict=verdict,
                checks=checks,
            )
        )
    return Grade(
        assignment=ASSIGNMENT.name,
        submission="submission",
        score=sum(question.score for question in questions),
        max_score=ASSIGNMENT.max_score,
        questions=tuple(questions),
        environment=Environment(device="cpu", isolation=(), versions={}, seed=0),
        digest="0",
    )


HALF = made_up_grade(lambda question, n: (int(question[-1]) + n) % 2 == 0)
ANSWER = """
import pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1]) / "submission"
out.mkdir(parents=True)
(out / "grade.json").write_text({grade!r})
(out / "results.json").write_text({results!r})
print("the table")
"""


def tree(base: Path, cli: str) -> Path:
    """A folder like Gradescope's, in which `convlab grade` is a script of a few lines."""
    shipped = base / SHIPPED
    for folder in (shipped / "autograder", shipped / "assignment", base / "submission", base / "results"):
        folder.mkdir(parents=True)
    (shipped / "autograder" / "__init__.py").touch()
    (shipped / "autograder" / "cli.py").write_text(cli)
    toml = (ROOT / "assignment" / "assignment.toml").read_bytes()
    (shipped / "assignment" / "assignment.toml").write_bytes(toml)
    (base / "source" / "otter_config.json").write_bytes(config_bytes(ASSIGNMENT))
    for name, text in grader_tests(ASSIGNMENT, CHECKS).items():
        (base / "source" / "tests").mkdir(exist_ok=True)
        (base / "source" / name).write_bytes(text)
    return base


def hostile(folder: Path) -> None:
    """What a submission may bring along to run in otter's processes, each leaving a mark when it does."""
    mark = f"open({str(folder.parent / 'MARK')!r}, 'a').write(__file__)\n"
    for name in ("otter", "ipykernel_launcher", "wrapt", "sitecustomize", "conftest", "json", "autograder"):
        (folder / f"{name}.py").write_text(mark)
    (folder / "tests").mkdir()
    (folder / "tests" / "q2_1.py").write_text(mark + "OK_FORMAT = False\nname = 'q2_1'\npoints = 8\n")
    (folder / ".OTTER_LOG").write_bytes(b"not a log")
    copy_modules(ROOT / "student", folder)


def plugin_in(base: Path, config: dict[str, Any] | None = None) -> Quarantine:
    path = base / "submission" / ASSIGNMENT.notebook
    path.write_text("{")
    plugin = Quarantine(str(path), {}, config)
    plugin.before_grading(AutograderConfig({"autograder_dir": str(base)}))
    return plugin


def verdicts_looked_up(plugin: Quarantine, base: Path) -> GradingResults:
    """What the kernel does: run the notebook's cell, then otter's test files."""
    notebook = plugin.before_execution({"metadata": {}})
    names: dict[str, Any] = {}
    exec(notebook.cells[0].source, names)
    files = [ExceptionTestFile.from_file(str(p)) for p in sorted((base / "source" / "tests").glob("*.py"))]
    for file in files:
        file.run(names)
    return GradingResults(files)


@pytest.fixture
def answering(tmp_path: Path) -> Path:
    return tree(tmp_path / "ag", ANSWER.format(grade=HALF.to_json(), results='{"score": 1}'))


def test_otter_gets_a_trusted_notebook_and_nothing_else(answering: Path) -> None:
    hostile(answering / "submission")
    plugin = plugin_in(answering)
    left = sorted(path.name for path in (answering / "submission").iterdir())
    assert left == [ASSIGNMENT.notebook, "tests"]
    assert (answering / "submission" / ASSIGNMENT.notebook).read_bytes() == trusted_notebook(ASSIGNMENT)
    assert "look_up" in (answering / "submission" / "tests" / "q2_1.py").read_text()
    (private,) = answering.glob("private-*")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    plugin.before_execution({"metadata": {}})
    assert not (answering / "MARK").exists()


def test_otters_verdicts_are_the_graders(answering: Path) -> None:
    copy_modules(ROOT / "student", answering / "submission")
    plugin = plugin_in(answering)
    results = verdicts_looked_up(plugin, answering)
    plugin.after_grading(results)
    assert results.total == HALF.score
    for question in HALF.questions:
        if question.verdict is not Verdict.UNGRADED:
            cases = results.results[question.id].test_case_results
            assert [case.passed for case in cases] == [c.verdict is Verdict.PASSED for c in question.checks]
            for case, check in zip(cases, question.checks, strict=True):
                mark = "✅" if case.passed else "❌"
                assert case.message == f"{mark} {check.verdict}. {check.message}".rstrip()
    public = [check for q in HALF.questions for check in q.checks if check.visibility == "visible"]
    passed = sum(check.verdict is Verdict.PASSED for check in public)
    assert results.output == f"Public checks passed: {passed} of {len(public)}. Hidden checks are scored too."
    assert plugin.generate_report() == "the table\n"
    shown = results.to_gradescope_dict(AutograderConfig(json.loads(config_bytes(ASSIGNMENT))))
    assert shown["score"] == pytest.approx(HALF.score)
    assert "hidden:" not in shown["tests"][0]["output"]


def test_a_disagreement_is_the_graders_fault(answering: Path) -> None:
    copy_modules(ROOT / "student", answering / "submission")
    plugin = plugin_in(answering)
    results = verdicts_looked_up(plugin, answering)
    case = results.results["q2_1"].test_case_results[0]
    case.passed = not case.passed
    with pytest.raises(GraderFault, match="disagree on q2_1"):
        plugin.after_grading(results)
    with pytest.raises(GraderFault, match="could not run"):
        plugin.after_grading(GradingResults.without_results(ValueError("no kernel")))


def test_a_pdf_is_refused(answering: Path) -> None:
    plugin = Quarantine(str(answering / "submission" / "lab06.ipynb"), {}, {})
    with pytest.raises(GraderFault, match="PDF"):
        plugin.before_grading(AutograderConfig({"autograder_dir": str(answering), "pdf": True}))


@pytest.mark.parametrize(
    ("cli", "said"),
    [
        ("import sys; sys.exit('Error: the sandbox does not hold')", "the sandbox does not hold"),
        ("print('and no grade')", "no readable grade"),
        ("import os; os.kill(os.getpid(), 9)", "status -9"),
    ],
)
def test_a_fault_of_the_grader_is_no_zero(cli: str, said: str, tmp_path: Path) -> None:
    base = tree(tmp_path / "ag", cli)
    copy_modules(ROOT / "student", base / "submission")
    plugin = plugin_in(base)
    with pytest.raises(GraderFault, match="(?s)not the submission.*" + said):
        plugin.before_execution({"metadata": {}})


def test_what_cannot_be_read_scores_nothing_and_says_why(tmp_path: Path) -> None:
    answering = tree(tmp_path / "ag", "import sys; sys.exit('what convlab grade says')")
    for folder in ("one", "two"):
        (answering / "submission" / folder).mkdir()
        copy_modules(ROOT / "student", answering / "submission" / folder)
    plugin = plugin_in(answering)
    results = verdicts_looked_up(plugin, answering)
    plugin.after_grading(results)
    assert results.total == 0
    assert "several folders (one, two)" in results.output
    assert str(answering) not in results.output


def test_a_cell_of_verdicts_survives_any_message() -> None:
    nasty = "'''\"\"\"\\ \n {x} \u2028 </script> é"
    graded = Graded(None, nasty, "")
    names: dict[str, Any] = {}
    exec(verdict_cell(graded), names)
    assert names["convlab_unreadable"] == nasty


# ---- what Gradescope runs ----------------------------------------------------------------------------


def run_autograder(base: Path, zip_files: dict[str, bytes], **environ: str) -> tuple[int, dict[str, Any]]:
    for name in ("run_autograder", "run_otter.py"):
        (base / "source" / name).write_bytes(zip_files[name])
    defaults = {"CONVLAB_AUTOGRADER_DIR": str(base), "CONVLAB_PYTHON": sys.executable}
    done = subprocess.run(
        ["bash", str(base / "source" / "run_autograder")],
        env={**os.environ, **defaults, **environ},
        stdout=subprocess.DEVNULL,
    )
    return done.returncode, json.loads((base / "results" / "results.json").read_text())


def test_without_python_there_is_a_results_file_that_says_so(
    answering: Path, zip_files: dict[str, bytes]
) -> None:
    (answering / "results" / "results.json").write_text('{"score": 83}')
    status, results = run_autograder(answering, zip_files, CONVLAB_PYTHON="/nonexistent/python")
    assert status != 0
    assert results["tests"][0]["name"] == "The autograder itself failed"
    assert "score" not in results
    assert "score" not in results["tests"][0]


def test_a_fault_of_the_grader_in_gradescope_has_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tree(tmp_path / "ag", "import sys; sys.exit('the sandbox does not hold')")
    copy_modules(ROOT / "student", base / "submission")
    monkeypatch.setenv(gradescope.FOLDER, str(base))
    assert gradescope.main() == 3
    results = json.loads((base / "results" / "results.json").read_text())
    assert "score" not in results
    assert "score" not in results["tests"][0]
    assert "sandbox" not in json.dumps(results)
    assert "the sandbox does not hold" in capsys.readouterr().err


def otter_finds(score: float | None) -> Callable[..., dict[str, Any] | None]:
    return lambda *_: None if score is None else {"score": score}


@pytest.mark.parametrize(("found", "status"), [(HALF.score, 0), (None, 0), (HALF.score + 1, 3)])
def test_our_results_stand_unless_otters_differ(
    found: float | None, status: int, answering: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_modules(ROOT / "student", answering / "submission")
    monkeypatch.setenv(gradescope.FOLDER, str(answering))
    monkeypatch.setattr(gradescope, "_run_otter", otter_finds(found))
    assert gradescope.main() == status
    results = json.loads((answering / "results" / "results.json").read_text())
    assert (results == {"score": 1}) == (status == 0)
    assert stat.S_IMODE((answering / "source").stat().st_mode) == 0o700


@pytest.mark.slow
def test_whatever_was_handed_in_gradescope_gets_results(answering: Path, zip_files: dict[str, bytes]) -> None:
    """Two notebooks, one of them broken, a zip inside, a file where otter wants a folder, empty metadata."""
    shipped = answering / SHIPPED / "autograder"
    code = (ROOT / "autograder").rglob("*.py")
    for path in code:
        target = shipped / path.relative_to(ROOT / "autograder")
        if target.name != "cli.py":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    cli = ANSWER.format(grade=HALF.to_json(), results='{"score": 1, "tests": []}')
    (shipped / "cli.py").write_text(cli)
    folder = answering / "submission"
    hostile(folder)
    (folder / "tests" / "q2_1.py").unlink()
    (folder / "tests").rmdir()
    (folder / "tests").write_text("a file")
    (folder / "lab06.ipynb").write_text("{ not json")
    (folder / "lab06 (1).ipynb").write_bytes(trusted_notebook(ASSIGNMENT))
    (folder / "more.zip").write_bytes(b"PK")
    (answering / "submission_metadata.json").touch()
    status, results = run_autograder(answering, zip_files)
    assert (status, results) == (0, {"score": 1, "tests": []})
    assert not (answering / "MARK").exists()
    assert (answering / "results" / "results.pkl").is_file(), "otter did not come to its end"


# ---- end to end: the real zip, the real grader -------------------------------------------------------


@pytest.fixture(scope="module")
def autograder_zip(tmp_path_factory: pytest.TempPathFactory, zip_files: dict[str, bytes]) -> Path:
    return write_zip(tmp_path_factory.mktemp("zip") / "autograder.zip", zip_files)


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab with less time for what never ends."""
    return quick_lab(tmp_path_factory.mktemp("hurried"))


def write_zip(target: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target


def modules(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ASSIGNMENT.module_files}


def perfect() -> dict[str, bytes]:
    return {**modules(ROOT / "solutions"), "lab06.ipynb": trusted_notebook(ASSIGNMENT)}


def half_done() -> dict[str, bytes]:
    """One function hangs, one ends the process, one is wrong; one folder deep, without a notebook."""
    files = modules(ROOT / "solutions")
    files["convolution.py"] += b"\ndef apply_convolution(img, kernel):\n    while True: pass\n"
    files["gradient.py"] += b"\ndef conv_gradient_wrt_input(d, k):\n    import os\n    os._exit(0)\n"
    files["training.py"] += b"\ndef make_loss():\n    return lambda logits, labels: logits.sum()\n"
    return {f"hand-in/{name}": data for name, data in files.items()}


def attack() -> dict[str, bytes]:
    """The stubs, and files that would run in otter's processes or give points there."""
    mark = b"import pathlib; pathlib.Path(%r).touch()\n"
    evil = mark % str(Path(MARKS) / "ran")
    names = ("otter", "ipykernel_launcher", "ipykernel", "wrapt", "sitecustomize", "usercustomize")
    files = {f"{name}.py": evil for name in (*names, "conftest", "json", "pandas", "dill", "torch")}
    files["autograder/__init__.py"] = files["autograder/cli.py"] = files["solutions/__init__.py"] = evil
    files["tests/q2_1.py"] = files["tests/q9_9.py"] = (
        evil + b"OK_FORMAT = False\nname = 'q9_9'\npoints = 99\n"
    )
    files["convlab/autograder/cli.py"] = files["pytest.ini"] = evil
    files[".OTTER_LOG"] = b"\x80\x04cposix\nsystem\n"
    files["otter_config.json"] = b'{"points_possible": 1000}'
    return {**modules(ROOT / "student"), **forged(), **files, "lab06.ipynb": evil_notebook(evil)}


FORGERS = {
    "model": "patch_comparisons/convolution.py",
    "training": "return_a_lying_number/training.py",
    "convolution": "answer_instead_of_the_worker/convolution.py",
    "gradient": "skip_the_check/gradient.py",
}


def forged() -> dict[str, bytes]:
    """The stubs, each with one of the attacks on the grader below it."""
    lab = ROOT / "assignment" / "audit" / "attacks"
    stubs = modules(ROOT / "student")
    return {f"{n}.py": stubs[f"{n}.py"] + (lab / path).read_bytes() for n, path in FORGERS.items()}


def evil_notebook(code: bytes) -> bytes:
    notebook = json.loads(trusted_notebook(ASSIGNMENT))
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    notebook["cells"] = [{**cell, "source": code.decode()}]
    return json.dumps(notebook).encode()


MARKS = f"/tmp/convlab-marks-{os.getpid()}"


@pytest.fixture
def marks() -> Iterator[Path]:
    """Where an attack that came through leaves a mark; everybody may write there."""
    folder = Path(MARKS)
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    for mark in folder.iterdir():
        mark.unlink()
    folder.rmdir()


def run_otter(submission: Path, autograder_zip: Path, out: Path) -> dict[str, Any]:
    """What `otter run` says: question by question score and whether each case passed, and the total."""
    out.mkdir()
    otter = Path(sys.executable).parent / "otter"
    command = [str(otter), "run", str(submission), "-a", str(autograder_zip), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=out)
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads((out / "results.json").read_text())
    return {**results, "report": done.stdout}


def run_convlab(submission: Path, out: Path, root: Path) -> Grade:
    training = ["--no-training"] if os.environ.get("CONVLAB_NO_TRAINING") else []
    command = [sys.executable, "-m", "autograder.cli", "grade", str(submission), "--out", str(out), *training]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "CONVLAB_ROOT": str(root)})
    return Grade.model_validate_json((out / submission.stem / "grade.json").read_bytes())


def equal(otter: dict[str, Any], grade: Grade) -> None:
    scores = {test["name"]: test["score"] for test in otter["tests"] if "score" in test}
    assert scores == {q.id: q.score for q in grade.questions if q.verdict is not Verdict.UNGRADED}
    assert otter["score"] == pytest.approx(grade.score)
    for test in otter["tests"]:
        if "score" in test and test["score"] < test["max_score"]:
            checks = grade.question(test["name"]).checks
            lines = [line.strip() for line in test["output"].splitlines()]
            marked = [line[2:] for line in lines if line.startswith(("✅", "❌"))]
            assert [line.partition(".")[0] for line in marked] == [str(check.verdict) for check in checks]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "training", "score"),
    [
        pytest.param(perfect(), True, 83, id="perfect"),
        pytest.param(half_done(), False, None, id="half-done", marks=pytest.mark.ci),
        pytest.param(attack(), False, 0, id="attack", marks=pytest.mark.ci),
    ],
)
def test_otter_run_equals_convlab_grade(
    files: dict[str, bytes],
    training: bool,
    score: float | None,
    hurried: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    marks: Path,
) -> None:
    monkeypatch.delenv("CONVLAB_DATA", raising=False)
    if not training:
        monkeypatch.setenv("CONVLAB_NO_TRAINING", "1")
    submission = write_zip(tmp_path / "submission.zip", files)
    autograder = write_zip(tmp_path / "autograder.zip", autograder_files(load_lab(hurried)))
    otter = run_otter(submission, autograder, tmp_path / "otter")
    grade = run_convlab(submission, tmp_path / "convlab", hurried)
    equal(otter, grade)
    assert not list(marks.iterdir())
    if score is None:
        verdicts = {q.id: q.verdict for q in grade.questions}
        assert verdicts["q2_2"] is Verdict.TIMEOUT
        assert verdicts["q3_3"] is Verdict.CRASHED
        assert verdicts["q1_3"] is Verdict.WRONG
        assert 0 < otter["score"] < 83
    else:
        assert otter["score"] == score


@pytest.mark.ci
def test_the_self_test_of_the_image(
    autograder_zip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way that Gradescope goes, on the reference: run_autograder, otter, our results.json."""
    monkeypatch.setenv("CONVLAB_NO_TRAINING", "1")
    with zipfile.ZipFile(autograder_zip) as archive:
        archive.extractall(tmp_path / "source")
    base = tmp_path / "ag"
    root = selftest.build_tree(base, tmp_path / "source")
    copy_modules(root / "solutions", base / "submission")
    assert selftest.run(base) == 0
    results = json.loads((base / "results" / "results.json").read_text())
    assert results["score"] == 73
    assert len(results["tests"]) == len(CHECKS) + len(ASSIGNMENT.questions) - len(AUTO)
