"""One submission to one Grade, with the real sandbox."""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import subprocess
import sys
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from harness import ROOT, edited, lab, reference_sources

import autograder
from autograder.checking.context import Context
from autograder.checking.student import LocalStudent
from autograder.grade import Grade, Verdict, worst
from autograder.gradebook import timeless
from autograder.grading import Grader, GraderError, Options, UsageError
from autograder.grading.plugin import GradingPlugin
from autograder.grading.sandboxed import Workers
from autograder.grading.suite import Suite, SuiteError
from autograder.lab import LabError, load_lab
from autograder.report.feedback import feedback_page
from autograder.submission import Submission

AT = "compute_convolution_at_position"
QUESTIONS = [question.id for question in lab().auto_graded if not question.training]


@pytest.fixture(scope="module")
def grader(warm: Grader) -> Grader:
    return warm


@pytest.fixture(scope="module")
def quick(warm: Grader) -> Grader:
    """For one question alone: q2_2."""
    return warm.variant(only=frozenset({"q2_2"}), training=True)


def submission(sources: Mapping[str, str], **more: object) -> Submission:
    return Submission("someone", dict(sources), **more)  # type: ignore[arg-type]


def verdicts(grade: Grade) -> dict[str, str]:
    return {question.id: str(question.verdict) for question in grade.questions}


def test_reference_gets_every_point(grader: Grader) -> None:
    grade = grader.grade(submission(reference_sources()))
    assert {q: verdicts(grade)[q] for q in QUESTIONS} == dict.fromkeys(QUESTIONS, "passed")
    assert (grade.score, grade.max_score) == (73, 83)
    assert grade.question("q1_7").verdict is Verdict.NOT_RUN
    assert grade.question("q2_3").verdict is Verdict.UNGRADED


def test_nothing_handed_in_scores_nothing(grader: Grader) -> None:
    grade = grader.grade(submission({}))
    assert grade.score == 0
    assert grade.question("q2_1").checks[0].message == "convolution.py was not handed in."


@pytest.mark.slow
def test_each_mishap_costs_its_own_question(grader: Grader) -> None:
    sources = edited("gradient", ("    img = img.detach()", "    return 1 / 0\n    img = img.detach()"))
    sources["convolution"] = (
        f"def {AT}(i, j, img, kernel):\n    while True:\n        pass\n"
        "def apply_convolution(img, kernel):\n    import os\n    os._exit(3)\n"
    )
    sources["model"] = "def build_model(:\n"
    got = verdicts(grader.grade(submission(sources)))
    expected = dict.fromkeys(QUESTIONS, "passed")
    expected |= {"q1_1": "error", "q2_1": "timeout", "q2_2": "crashed", "q3_4": "error"}
    assert {question: got[question] for question in QUESTIONS} == expected


@pytest.mark.slow
def test_exception_shows_the_students_own_line(grader: Grader) -> None:
    sources = edited("gradient", ("    img = img.detach()", "    return 1 / 0\n    img = img.detach()"))
    message = grader.grade(submission(sources)).question("q3_4").checks[0].message
    assert message.startswith("ZeroDivisionError: division by zero")
    assert "gradient.py, line " in message
    assert "return 1 / 0" in message
    assert "autograder" not in message


def test_unreadable_module_is_that_modules_problem(grader: Grader) -> None:
    sources = {name: text for name, text in reference_sources().items() if name != "gradient"}
    grade = grader.grade(submission(sources, problems={"gradient": "gradient.py, line 3: byte 0xe9"}))
    assert grade.question("q3_3").checks[0].message == "gradient.py, line 3: byte 0xe9"
    assert grade.question("q2_2").verdict is Verdict.PASSED


def test_prints_cost_nothing_and_are_shown_for_public_checks_alone(quick: Grader) -> None:
    line = '    print("rows", img.shape[0])\n    num_rows = img.shape[0]'
    sources = edited("convolution", ("    num_rows = img.shape[0]", line))
    question = quick.grade(submission(sources)).question("q2_2")
    assert question.verdict is Verdict.PASSED
    assert question.output.splitlines() == ["rows 4"] * 2 + ["rows 3"] * 6


def test_the_same_twice(quick: Grader) -> None:
    def without_times(grade: Grade) -> str:
        data = json.loads(grade.to_json())
        data.pop("seconds")
        for question in data["questions"]:
            for check in question["checks"]:
                check.pop("seconds")
        return json.dumps(data)

    one = submission(edited("convolution", ("    return result", "    return result + 1")))
    assert without_times(quick.grade(one)) == without_times(quick.grade(one))


def test_the_seed_is_the_modules_own_whatever_the_notebook(quick: Grader) -> None:
    one = quick.grade(submission({"convolution": "x = 1"}, digest="with one notebook"))
    same = quick.grade(submission({"convolution": "x = 1"}, digest="with another"))
    other = quick.grade(submission({"convolution": "x = 2"}))
    assert one.environment.seed == same.environment.seed != other.environment.seed


@pytest.mark.slow
def test_a_grade_rests_on_every_module_that_runs_beside_an_answer(quick: Grader) -> None:
    loaded = (
        f"import sys, autograder.probing, autograder.values, autograder.text, {quick.lab.name}.probes\n"
        "ours = [m for name, m in sys.modules.items() if name.partition('.')[0] == 'autograder']\n"
        "print(*(module.__file__ for module in ours), sep='\\n')"
    )
    where = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(quick.lab.folder)])}
    command = [sys.executable, "-c", loaded]
    told = subprocess.run(command, env=where, capture_output=True, text=True, check=True).stdout
    beside = {Path(line) for line in told.splitlines()} - {Path(autograder.__file__)}
    assert ROOT / "autograder" / "probing.py" in beside
    assert not beside - set(quick.rule_files)


def test_grade_survives_its_own_json(quick: Grader) -> None:
    grade = quick.grade(submission({}))
    assert Grade.model_validate_json(grade.to_json()) == grade


@pytest.mark.parametrize(
    "forgery",
    [
        "import autograder.checks",
        "import solutions",
        "open('/etc/passwd').read()",
        "import torch, builtins\ntorch.equal = lambda *a: True\nbuiltins.abs = lambda x: 0\n",
        "import sys\nsys.modules['lab06.probes'].__dict__.clear()\n",
        "import os\nos.write(3, b'x' * 4096)\n",
    ],
)
def test_forgeries_score_nothing(quick: Grader, forgery: str) -> None:
    wrong = "def apply_convolution(img, kernel):\n    return img\n"
    text = f"try:\n    {forgery.splitlines()[0]}\nexcept BaseException:\n    pass\n{forgery}\n{wrong}"
    question = quick.grade(submission({"convolution": text})).question("q2_2")
    assert question.score == 0


def test_one_question_alone(quick: Grader) -> None:
    grade = quick.grade(submission(reference_sources()))
    assert verdicts(grade)["q2_2"] == "passed"
    assert verdicts(grade)["q2_1"] == "not run"
    assert (grade.score, grade.max_score) == (10, 83)


def test_unknown_question_is_named() -> None:
    with pytest.raises(UsageError, match="q9_9"), Grader(lab(), Options(only=frozenset({"q9_9"}))):
        pass


@pytest.mark.slow
def test_training_on_the_sample_reaches_the_threshold(warm: Grader) -> None:
    grader = warm.variant(only=frozenset({"q1_7"}), training=True)
    grade = grader.grade(submission(reference_sources()))
    assert grade.question("q1_7").score == 10
    assert grade.training is not None
    assert grade.training.averaged_accuracy >= grade.training.threshold == 0.88
    assert len(grade.training.losses) == grade.training.epochs == 3


def test_worst_verdict() -> None:
    assert worst([Verdict.PASSED, Verdict.TIMEOUT, Verdict.WRONG]) is Verdict.TIMEOUT
    assert worst([]) is Verdict.NOT_RUN


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("points = 12", "points = 'many'", "assignment.toml:[0-9]+: `points` is 'many'"),
        ("[limits]", "[limits]\nwarp = 9", "assignment.toml:[0-9]+: there is no key `warp`"),
        ('module = "model"', 'module = "modle"', "modle"),
        ('id = "q1_2"', 'id = "q1_1"', "twice"),
        ("schema = 1", "schema = ", "assignment.toml"),
    ],
)
def test_a_wrong_assignment_names_its_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    folder = tmp_path / "assignment"
    folder.mkdir()
    text = (ROOT / "assignment" / "assignment.toml").read_text()
    assert old in text
    (folder / "assignment.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(LabError, match=told):
        load_lab(folder.parent)


POISON = {
    "another default dtype": "torch.set_default_dtype(torch.float64)",
    "no gradients": "torch.set_grad_enabled(False)",
    "a broken convolution": "torch.conv2d = torch.nn.functional.conv2d = None",
    "a broken sum": "torch.Tensor.sum = None",
    "a broken step": "torch.optim.RMSprop.step = torch.optim.SGD.step = lambda self, closure=None: None",
    "a thread that never ends": "import threading; threading.Thread(target=spin, daemon=True).start()",
}


@pytest.mark.slow
@pytest.mark.parametrize("line", POISON.values(), ids=list(POISON))
def test_what_a_right_question_leaves_behind_costs_no_other_its_points(grader: Grader, line: str) -> None:
    sources = edited(
        "model",
        (
            "def build_model",
            f"def spin():\n    while 1: pass\ndef poison():\n    import torch\n    {line}\ndef build_model",
        ),
    )
    sources["model"] += (
        "import builtins\nmade = build_model\n"
        "def build_model():\n"
        "    builtins.made = getattr(builtins, 'made', 0) + 1\n"
        "    model = made()\n"
        "    if builtins.made == 14:\n"  # the last call of q1_1's last check
        "        model.register_forward_hook(lambda *_: poison())\n"
        "    return model\n"
    )
    got = verdicts(grader.grade(submission(sources)))
    assert {question: got[question] for question in QUESTIONS} == dict.fromkeys(QUESTIONS, "passed")


@pytest.mark.ci
def test_a_slow_question_gets_all_its_time_after_quick_ones(grader: Grader) -> None:
    burn = (
        "    import builtins, time\n    if not hasattr(builtins, 'burnt'):\n        builtins.burnt = True\n"
        "        while time.process_time() < 4: pass\n"
    )
    sources = edited("gradient", ("    img = img.detach()", f"{burn}    img = img.detach()"))
    assert verdicts(grader.grade(submission(sources)))["q3_4"] == "passed"


@pytest.mark.ci
def test_a_module_that_takes_long_to_load_is_loaded_once(quick: Grader) -> None:
    slow = "\nimport time\nend = time.process_time() + 3\nwhile time.process_time() < end: pass\n"
    slow += "print('loaded')\n"
    sources = {**reference_sources(), "convolution": reference_sources()["convolution"] + slow}
    grade = quick.grade(submission(sources)).question("q2_2")
    assert (grade.verdict, grade.output.split()) == (Verdict.PASSED, ["loaded"])


def test_a_syntax_error_gets_no_hint_about_the_question(quick: Grader) -> None:
    grade = quick.grade(submission({**reference_sources(), "convolution": "def broken(:\n"}))
    told = {check.name: check.message for check in grade.question("q2_2").checks}
    hidden = {check.name for check in quick.checks if check.question == "q2_2" and check.hidden}
    texts = [told[name] for name in hidden]
    assert texts
    assert all(re.search(r"Python cannot read the module\.\nconvolution\.py, line 1", t) for t in texts)


@pytest.mark.slow
def test_the_output_of_a_question_is_its_own(grader: Grader) -> None:
    sources = edited("gradient", ("    img = img.detach()", "    print('ascending')\n    img = img.detach()"))
    sources["training"] = sources["training"].replace(
        "    return model.to(", "    print('moving')\n    return model.to("
    )
    grade = grader.grade(submission(sources))
    assert grade.score == 73
    outputs = {question.id: question.output for question in grade.questions if question.output}
    assert set(outputs) == {"q1_2", "q3_4"}
    assert set(outputs["q1_2"].split()) == {"moving"}
    assert set(outputs["q3_4"].split()) == {"ascending"}


def test_public_checks_keep_what_they_compared_and_hidden_ones_do_not(quick: Grader) -> None:
    checks = (
        quick.grade(submission(edited("convolution", ("for j in range(1,", "for j in range(2,"))))
        .question("q2_2")
        .checks
    )
    public = {check.name: check.comparison for check in checks if check.visibility == "visible"}
    assert public["vertical_edge"] is not None
    assert public["vertical_edge"].expected == ((4, 4, 0), (4, 4, 0))
    assert public["vertical_edge"].got == ((0, 4, 0), (0, 4, 0))
    assert any(check.verdict is Verdict.WRONG for check in checks if check.visibility != "visible")
    assert all(check.comparison is None for check in checks if check.visibility != "visible")


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_comparison_of_odd_numbers_can_be_written_and_read(quick: Grader, value: str) -> None:
    made = f"torch.full((2, 3), float('{value}'))"
    text = f"\ndef apply_convolution(img, kernel):\n    import torch\n    return {made}\n"
    sources = reference_sources()
    grade = quick.grade(submission({**sources, "convolution": sources["convolution"] + text}))
    again = Grade.model_validate_json(grade.to_json())
    assert again.to_json() == grade.to_json()
    pictures = feedback_page(again, lab())
    assert all(f"q2_2-vertical_edge-{part}-title" in pictures for part in ("expected", "got", "difference"))


@pytest.mark.slow
def test_hidden_inputs_are_not_printed_by_a_later_question(grader: Grader) -> None:
    keep = "    import builtins\n    builtins.seen = getattr(builtins, 'seen', 0) + 1\n"
    sources = edited("training", ("    return model.to(", f"{keep}    return model.to("))
    tell = "    import builtins\n    print('moves seen:', getattr(builtins, 'seen', 0))\n"
    sources["gradient"] = sources["gradient"].replace(
        "    img = img.detach()", f"{tell}    img = img.detach()"
    )
    grade = grader.grade(submission(sources))
    assert grade.score == 73
    seen_by_public_checks = 2 * 2  # each of the two moves two models
    output = grade.question("q3_4").output
    assert set(output.splitlines()) == {f"moves seen: {seen_by_public_checks}"}


def test_a_run_that_is_stopped_leaves_nothing_to_the_next(
    quick: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    whole = quick.grade(submission(reference_sources()))
    with monkeypatch.context() as patch:
        patch.setattr(Workers, "call", stopped)
        with pytest.raises(KeyboardInterrupt):
            quick.grade(submission(reference_sources()))
    assert timeless(quick.grade(submission(reference_sources()))) == timeless(whole)


def test_a_fault_of_the_grader_is_told_and_leaves_nothing_to_the_next(
    quick: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(Workers, "call", broken)
        with pytest.raises(GraderError, match="a fault of ours"):
            quick.grade(submission(reference_sources()))
    assert quick.grade(submission(reference_sources())).question("q2_2").verdict is Verdict.PASSED


def test_a_mistake_in_a_check_is_the_labs_and_has_file_and_line(
    quick: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misspelt(*_: object, **__: object) -> None:
        raise NameError("name 'nera' is not defined")

    said = r"public/test_q2_2\.py:\d+: NameError: .*fix the check q2_2"
    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module("lab06.public.test_q2_2"), "show", misspelt)
        with pytest.raises(LabError, match=said) as error:
            quick.grade(submission(reference_sources()))
    assert "Traceback" not in str(error.value)
    assert "itself failed" not in str(error.value)
    assert quick.grade(submission(reference_sources())).question("q2_2").verdict is Verdict.PASSED


def test_a_variant_is_another_grader_on_the_same_zygote(quick: Grader) -> None:
    other = quick.variant(only=frozenset({"q2_1"}), seed=7)
    grade = other.grade(submission(reference_sources()))
    assert (grade.score, grade.environment.seed) == (lab().question("q2_1").points, 7)
    with pytest.raises(RuntimeError, match="not entered"):
        Grader(lab()).variant(seed=1)


@pytest.mark.slow
def test_what_belongs_to_a_submission_goes_with_it(quick: Grader) -> None:
    made: list[weakref.ref[Submission]] = []
    for _ in range(3):
        handed_in = submission(edited("convolution", ("for j in range(1,", "for j in range(2,")))
        made.append(weakref.ref(handed_in))
        quick.grade(handed_in)
    del handed_in
    gc.collect()
    assert [reference() for reference in made[:-1]] == [None, None]


def test_checks_that_cannot_be_collected_are_a_fault_of_the_lab(tmp_path: Path) -> None:
    broken = tmp_path / "test_broken.py"
    broken.write_text("import nothing_of_that_name\n")
    assert issubclass(SuiteError, LabError)
    with pytest.raises(SuiteError, match="nothing_of_that_name"):
        Suite([broken]).run(None)  # type: ignore[arg-type]
    with pytest.raises(SuiteError, match="missing"):
        Suite([tmp_path / "missing.py"]).run(None)  # type: ignore[arg-type]


CONFTEST = """
from autograder.checking.fixtures import pytest_configure, pytest_runtest_makereport, student
from autograder.checking.hidden_fixtures import context, lab, reference, rng, seed
"""
CHECKS = """
import pytest
from autograder.checking.check import check
from autograder.checking.judge import Wrong, ask

@check("q2_2", 1, family="one")
def test_wrong(student, context, lab, reference, rng, seed):
    raise Wrong(f"{lab.title} {context.seed} {reference.sources.keys()} {rng.initial_seed()} {seed}")

@check("q2_2", 1, family="two")
def test_failing(student):
    ask(student, "convolve", img=1, kernel=2)

@check("q2_2", 1, title="three")
def test_right(seed): pass

@check("q2_2", 1, title="four")
def test_odd(): pytest.skip("never")
"""


def test_a_check_ends_alike_whether_pytest_runs_it_or_not(tmp_path: Path) -> None:
    found = []
    for name, more in (("plain", ""), ("fixture", "@pytest.fixture(autouse=True)\ndef own(): pass\n")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "conftest.py").write_text(CONFTEST)
        path = folder / f"test_{name}.py"
        path.write_text(CHECKS + more)
        plugin = GradingPlugin(
            lambda check: LocalStudent(reference_sources(), lab().probes),
            Context.default(lab()),
            lambda check: True,
            lambda question: None,
            lambda question: False,
            diagnose=False,
        )
        suite = Suite([path])
        suite.run(plugin)
        assert [direct is None for direct in suite._direct.values()] == [bool(more)] * 4
        suite.close()
        done = {key: replace(outcome, seconds=0) for key, outcome in plugin.outcomes.checks.items()}
        evidence = {key: one.passed for key, one in plugin.outcomes.evidence["q2_2"].items()}
        found.append((done, evidence, len(plugin.outcomes.faults), plugin.outcomes.errors))
    assert found[0] == found[1]
    assert {key: str(one.verdict) for key, one in found[0][0].items()} == {
        "q2_2/wrong": "wrong",
        "q2_2/failing": "error",
        "q2_2/right": "passed",
    }
    assert found[0][2] == 1


def test_grading_prints_nothing(quick: Grader, capfd: pytest.CaptureFixture[str]) -> None:
    quick.grade(submission({**reference_sources(), "convolution": "print('here', flush=True)\n1 / 0\n"}))
    assert capfd.readouterr() == ("", "")
