"""What an instructor forgets or mistypes is named before anything runs: all of it, with place and remedy."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lab_copy import NOTEBOOK, ROOT, TOML, add, copied, edit
from tries import slow_but

from autograder.checking import endless
from autograder.cli import main
from autograder.errors import LabError
from autograder.lab import load_lab
from autograder.release.slips import STARTED, find_slips
from autograder.release.sources import cut_lab
from autograder.release.student import student_files

HIDDEN, PUBLIC = "assignment/lab06/hidden", "assignment/lab06/public"
Edit = tuple[str, str, str]


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return copied(tmp_path)


def slips(lab: Path) -> list[str]:
    return [str(slip) for slip in find_slips(cut_lab(load_lab(lab)))]


def run(lab: Path, *command: str) -> Result:
    return CliRunner().invoke(main, list(command), env={"CONVLAB_ROOT": str(lab)})


def test_the_lab_has_none() -> None:
    assert slips(ROOT) == []


def line_of(lab: Path, name: str, text: str) -> int:
    return (lab / name).read_text("utf-8").split(text)[0].count("\n") + 1


# --- one slip each: an edit of a file, and what is said ----------------------------------------------------

ANSWER_CELL = '<!-- #region convlab={"question": "q2_3"} -->'
ONE_EDIT: dict[str, tuple[Edit, str]] = {
    "no check cell": (
        (NOTEBOOK, 'grader.check("q1_4")', "print()"),
        'assignment/lab06.md: q1_4 has no cell `grader.check("q1_4")`; add one below its text',
    ),
    "a check cell for no question": (
        (NOTEBOOK, 'grader.check("q1_4")', 'grader.check("q1_4")\ngrader.check("q9_9")'),
        '`grader.check("q9_9")` matches no auto-graded question; the questions are q1_1, q1_2',
    ),
    "a check cell for a written question": (
        (NOTEBOOK, 'grader.check("q1_4")', 'grader.check("q1_4")\ngrader.check("q2_3")'),
        '`grader.check("q2_3")` matches no auto-graded question',
    ),
    "no answer cell": (
        (NOTEBOOK, ANSWER_CELL, "<!-- #region -->"),
        "assignment/lab06.md: the written question q2_3 has no answer cell; put one in "
        '<!-- #region convlab={"question": "q2_3"} -->',
    ),
    "an answer cell for no question": (
        (NOTEBOOK, ANSWER_CELL, ANSWER_CELL.replace("q2_3", "q7_7")),
        "this answer cell names 'q7_7', which is not a written question; "
        "the written questions are q2_3, q3_1",
    ),
    "no section of the rubric": (
        ("assignment/rubric.md", "## q3_1: derive", "## derive"),
        "assignment/rubric.md: there is no section for the written question q3_1; add a section `## q3_1: ",
    ),
    "a section of the rubric for no question": (
        ("assignment/rubric.md", "", "\n## q8_1: what\n\nPoints.\n"),
        "assignment/rubric.md: the section q8_1 matches no written question; rename or remove it",
    ),
    "a region without its end": (
        (NOTEBOOK, "", "\n<!-- #region -->\nwords\n"),
        "this region has no end; add <!-- #endregion --> below its last line",
    ),
    "an end of no region": (
        (NOTEBOOK, "", "\n<!-- #endregion -->\n"),
        "an #endregion ends nothing here; add <!-- #region … --> above its cell, or remove it",
    ),
    "a cell of code without its end": (
        (NOTEBOOK, 'grader.check("q1_4")\n```\n', 'grader.check("q1_4")\n'),
        'this cell of code has no "```" at its end; add that line below its last one',
    ),
    "a cell of code without its beginning": (
        (NOTEBOOK, '```python\ngrader.check("q1_4")', 'grader.check("q1_4")'),
        'this cell of code has no "```" at its end; add that line below its last one',
    ),
    "items that do not add up": (
        ("assignment/rubric.toml", 'id = "stripes"\npoints = 1', 'id = "stripes"\npoints = 2'),
        "q3_5 is worth 2 points, but its items add up to 3; change",
    ),
    "items of no written question": (
        ("assignment/rubric.toml", "", '\n[[q8_1]]\nid = "x"\npoints = 1\nfor = "y"\n'),
        "q8_1 is not a written question; rename or remove its items",
    ),
    "a function that is not in the reference": (
        (TOML, 'functions = ["apply_convolution"]', 'functions = ["apply_convolutions"]'),
        "q2_2 asks for apply_convolutions, which solutions/convolution.py does not define; write it there",
    ),
    "a probe of a function that no question asks for": (
        ("assignment/lab06/probes.py", '@probe("gradient_ascent")', '@probe("gradient_descent")'),
        "the probe ascend is marked with 'gradient_descent', which no question asks for; correct @probe(...)",
    ),
    "a check of no question": (
        (f"{PUBLIC}/test_q1_2.py", "", '\n\n@check("q1_9", 1)\ndef test_more(student):\n    pass\n'),
        "test_more: assignment/assignment.toml has no question 'q1_9'; its auto-graded questions are q1_1",
    ),
    "a check of a written question": (
        (f"{PUBLIC}/test_q1_2.py", "", '\n\n@check("q2_3", 1)\ndef test_more(student):\n    pass\n'),
        "test_more: q2_3 is a written question, which people grade; choose one of q1_1",
    ),
    "a hidden check without a family": (
        (f"{HIDDEN}/test_q1_2.py", "", '\n\n@check("q1_2", 1)\ndef test_more(student):\n    pass\n'),
        "test_more is in hidden/ but has no family; give it family and hint",
    ),
    "a public check with a family": (
        (
            f"{PUBLIC}/test_q1_2.py",
            "",
            '\n\n@check("q1_2", 1, family="f", hint="h")\ndef test_more(student):\n    pass\n',
        ),
        "test_more is in public/ but has a family; move it to hidden/, or give it a title instead",
    ),
    "a share of zero": (
        (f"{PUBLIC}/test_q1_2.py", "", '\n\n@check("q1_2", 0)\ndef test_more(student):\n    pass\n'),
        "test_more: its share is 0; give a number above 0",
    ),
    "a share that is a text": (
        (f"{PUBLIC}/test_q1_2.py", "", '\n\n@check("q1_2", "1")\ndef test_more(student):\n    pass\n'),
        "test_more: its share is '1'; give a number above 0",
    ),
    "a share that is worth nothing": (
        (f"{PUBLIC}/test_q1_2.py", "", '\n\n@check("q1_2", 1e-9)\ndef test_more(student):\n    pass\n'),
        "test_more: a share of 1e-09 in 2 points is less than 0.01; give q1_2 more points or fewer checks",
    ),
    "a cell of code that is not Python": (
        (NOTEBOOK, 'grader.check("q1_4")', 'grader.check("q1_4")\nimport torch as'),
        "Python cannot read this line of a cell of code, 'import torch as': invalid syntax; correct it",
    ),
    "a probe that there is not": (
        (
            f"{PUBLIC}/test_q1_2.py",
            "",
            '\n\n@check("q1_2", 1)\ndef test_more(student):\n    ask(student, "moves")\n',
        ),
        "there is no probe 'moves'; write it in assignment/lab06/probes.py",
    ),
    "two checks of one name": (
        (
            f"{HIDDEN}/test_q1_2.py",
            "",
            '\n\n@check("q1_2", 1, family="f", hint="h")\ndef test_NAME(student):\n    pass\n',
        ),
        "2 checks are named q1_2/",
    ),
    "a hand-out file that is missing": (
        (TOML, '"CHANGELOG.md"]', '"CHANGELOG.md", "notes.md"]'),
        "handout: 'notes.md' is listed, but is not in assignment/handout; add the file, or take",
    ),
    "a hand-out file that is not listed": (
        (TOML, ', "CHANGELOG.md"]', "]"),
        "CHANGELOG.md in assignment/handout is not listed; list it under `handout` in assignment/",
    ),
    "a data file that is missing": (
        (TOML, '"data/README.md"', '"data/READMEE.md"'),
        "data: 'data/READMEE.md' is listed, but is not in assignment; add the file",
    ),
    "a file that a fact names and that is missing": (
        (TOML, 'picture = "data/astronaut.png"', 'picture = "data/astronaunt.png"'),
        "data: 'data/astronaunt.png' is listed, but is not in assignment; add the file",
    ),
    "a file that a fact names and that students do not get": (
        (TOML, '    "<<picture>>",\n', ""),
        "facts.picture: data/astronaut.png is not among `data`, so students would not get it; list it",
    ),
    "a kept file that is missing": (
        (TOML, 'kept = ["heldout/MNIST/raw/t10k-images', 'kept = ["heldout/MNIST/raw/t11k-images'),
        "kept: 'heldout/MNIST/raw/t11k-images-idx3-ubyte' is listed, but is not in assignment",
    ),
    "a data file outside": (
        (TOML, '"data/README.md"', '"../solutions/model.py"'),
        "data: '../solutions/model.py' points outside of assignment; put",
    ),
    "a picture that is missing": (
        (NOTEBOOK, "(figures/window.png)", "(figures/windows.png)"),
        "there is no picture assignment/figures/windows.png; add it there",
    ),
    "a time budget that does not fit": (
        (TOML, "submission_seconds = 300", "submission_seconds = 560"),
        "a submission's code may take submission_seconds = 560, and starting the grader about 60 more, but "
        "the platform stops it all after platform_seconds = 600; lower submission_seconds, or raise",
    ),
    "an audit of no question": (
        (TOML, 'named = ["q2_1"', 'named = ["q2_9"'),
        "audit.named: there is no auto-graded question 'q2_9'; the questions are q1_1",
    ),
    "a kind of call that is not watched": (
        (
            TOML,
            'functions = ["gradient_ascent"]\nby_hand = ["',
            'functions = ["gradient_ascent"]\nby_hand = ["s',
        ),
        "q3_4: by_hand: there is no kind of call 'sconvolution'; choose from convolution, windows, transform",
    ),
    "a typical mistake that there is not": (
        (TOML, '"apply_convolution/kernel_turned"', '"apply_convolution/turned"'),
        "audit.typical: there is no wrong solution 'apply_convolution/turned'; write function/name",
    ),
    "a syntax error in a check": (
        (f"{PUBLIC}/test_q1_2.py", "", "\n\ndef test_more(:\n"),
        "invalid syntax; Python cannot read the module",
    ),
    "an error when a check is imported": (
        (f"{HIDDEN}/test_q1_2.py", "", "\nLIMIT = 1 / 0\n"),
        "ZeroDivisionError: division by zero; correct it; the module cannot be imported",
    ),
    "a module of checks that ends Python": (
        (f"{HIDDEN}/test_q1_2.py", "", "\nraise SystemExit('bye')\n"),
        "SystemExit: bye; correct it; the module cannot be imported",
    ),
    "an error when the probes are imported": (
        ("assignment/lab06/probes.py", "", "\nimport a_package_that_is_not_there\n"),
        "ModuleNotFoundError: No module named 'a_package_that_is_not_there'; correct it",
    ),
    "an error when the rule of work by hand is imported": (
        ("assignment/lab06/by_hand.py", "", "\nimport a_package_that_is_not_there\n"),
        "ModuleNotFoundError: No module named 'a_package_that_is_not_there'; correct it",
    ),
    "a merge that was not finished, in the lab's package": (
        (f"{PUBLIC}/test_q1_2.py", "", "\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n"),
        "a merge left two texts here; keep one, and remove the lines of <<<<<<<, ======= and >>>>>>>",
    ),
    "an error when the package is imported": (
        ("assignment/lab06/__init__.py", "", "\nimport a_package_that_is_not_there\n"),
        "ModuleNotFoundError: No module named 'a_package_that_is_not_there'; correct it",
    ),
    "a check without its mark": (
        (f"{PUBLIC}/test_q1_2.py", "", "\n\ndef test_more(student):\n    pass\n"),
        "test_more has no @check(...), so it gives no points; add one above it, or give it a name without",
    ),
    "checks in a class": (
        (f"{HIDDEN}/test_q1_2.py", "", "\n\nclass TestMore:\n    def test_it(self):\n        pass\n"),
        "TestMore has no @check(...), so it gives no points",
    ),
    "a check where none are looked for": (
        (
            f"{HIDDEN}/inputs.py",
            "",
            "\n\nfrom autograder.checking.check import check\n\n\n"
            '@check("q1_2", 1)\ndef test_more(student):\n    pass\n',
        ),
        "test_more is a check in a module whose name does not begin with test_; rename the module",
    ),
    "a check of the contract that there is not": (
        ("assignment/contract.toml", 'wheat = "device_made_first"', 'wheat = "device_made_last"'),
        "assignment/contract.toml: move_to_device: '`device` may be given as a `torch.device` or by name.': "
        "there is no wheat device_made_last; correct the name, or take it out",
    ),
    "a section of the contract for no function": (
        ("assignment/contract.toml", "", '\n[turn_back]\nexplains = ["turned"]\n'),
        "no module, and no function that a question asks for, is named turn_back; correct the name",
    ),
    "a name that a cell imports and that there is not": (
        (NOTEBOOK, "from model import build_model", "from model import build_model, build_models"),
        "a cell takes build_models from model.py, which does not define it; correct the cell, or define it",
    ),
    "a helper that a cell uses and that there is not": (
        (NOTEBOOK, 'grader.check("q1_4")', 'lab_tools.convolve()\ngrader.check("q1_4")'),
        "a cell takes convolve from lab_tools.py, which does not define it; correct the cell, or define it",
    ),
    "a pytest.ini that is broken": (
        ("assignment/handout/pytest.ini", "[pytest]", "[pytest"),
        "unexpected value continuation; students' tools could not read it: correct it",
    ),
    "a pytest.ini without its section": (
        ("assignment/handout/pytest.ini", "[pytest]", "[pytset]"),
        "assignment/handout/pytest.ini: it has no section [pytest]; students' tools could not read it",
    ),
    "a hand-out module that is not Python": (
        ("assignment/handout/lab_tools.py", "", "\ndef f(:\n"),
        "invalid syntax; students' tools could not read it: correct it",
    ),
    "a name in a mistake that nothing defines": (
        (
            "assignment/lab06/misconceptions/apply_convolution/kernel_turned.py",
            "",
            "    return np.asarray(img)\n",
        ),
        ": nothing defines 'np', which is used here; define or import it, or correct the name",
    ),
    "a mistake without a hint": (
        ("assignment/lab06/misconceptions/apply_convolution/kernel_turned.py", "\n\n", "\n"),
        "misconceptions/apply_convolution/kernel_turned.py:1: a known mistake begins with a docstring of",
    ),
}
"""Edits that are at the end of a file are named with that line; others with the line of what was edited."""


@pytest.mark.parametrize(
    ("edited", "said"), slow_but(4, [pytest.param(*case, id=name) for name, case in ONE_EDIT.items()])
)
def test_a_slip_is_named_with_its_place_and_remedy(lab: Path, edited: Edit, said: str) -> None:
    name, old, new = edited
    if "test_NAME" in new:
        public = (lab / PUBLIC / "test_q1_2.py").read_text().split("def test_")[1].split("(")[0]
        new = new.replace("NAME", public)
    if "kernel_turned.py" in name and not new.strip():
        text = (lab / name).read_text()
        (lab / name).write_text(text.replace("\n\n", "\n", 1))
    else:
        edit(lab, name, old, new)
    found = slips(lab)
    assert len([slip for slip in found if said in slip]) == 1, found
    place = next(slip for slip in found if said in slip).split(said)[0]
    named = (
        "assignment/lab06.md",
        "assignment/rubric.md",
        "assignment/rubric.toml",
        "assignment/contract.toml",
    )
    if said.split(":")[0] not in named:
        file, _, number = place.rstrip(": ").partition(":")
        assert (lab / file.split(":")[0]).exists(), place
        assert not number or 0 < int(number.split(",")[0]) <= (lab / file).read_text().count("\n") + 1, place


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("assignment/assignment.toml", 'id = "q1_2"'),
        ("assignment/lab06/public/test_q1_2.py", "@check"),
    ],
)
def test_a_place_is_the_very_line(lab: Path, name: str, text: str) -> None:
    if name == TOML:
        for path in (lab / PUBLIC / "test_q1_2.py", lab / HIDDEN / "test_q1_2.py"):
            path.unlink()
        said = "q1_2 has no public check; write one in assignment/lab06/public, or give the question"
    else:
        path = lab / PUBLIC / "test_q1_2.py"
        path.write_text(path.read_text().replace('@check("q1_2", ', '@check("q1_8", ', 1))
        said = "has no question 'q1_8'"
    place = next(slip for slip in slips(lab) if said in slip).split(": ")[0]
    assert place == f"{name}:{line_of(lab, name, text)}"


@pytest.mark.parametrize("room", ["public", "hidden"])
def test_a_question_may_do_without_checks_of_a_kind_if_it_says_so(lab: Path, room: str) -> None:
    (lab / "assignment" / "lab06" / room / "test_q1_2.py").unlink()
    missing = [slip for slip in slips(lab) if f"q1_2 has no {room} check" in slip]
    assert len(missing) == 1
    assert f'give the question `unchecked = ["{room}"]`' in missing[0]
    edit(
        lab, TOML, 'functions = ["move_to_device"]', f'functions = ["move_to_device"]\nunchecked = ["{room}"]'
    )
    left = slips(lab)
    assert all(slip.startswith("assignment/contract.toml: move_to_device: ") for slip in left), left
    assert all("there is no check q1_2/" in slip for slip in left), left


@pytest.mark.parametrize("where", ["lab06/misconceptions", "audit/wheats", "audit/chaffs"])
def test_a_folder_of_solutions_is_named_by_a_function(tmp_path: Path, where: str) -> None:
    lab = copied(tmp_path, audit=True)
    add(lab, f"assignment/{where}/apply_convolutoin/one.py", '"""One.\n\nTwo.\n"""\n')
    add(lab, f"assignment/{where}/loose.py", '"""One.\n\nTwo.\n"""\n')
    found = slips(lab)
    for name, said in (
        (
            "apply_convolutoin",
            "no question asks for a function apply_convolutoin; rename or remove the",
        ),
        ("loose.py", "this file is in no function's folder; move it into the folder of the function"),
    ):
        assert [slip for slip in found if slip.startswith(f"assignment/{where}/{name}: {said}")], found


@pytest.mark.parametrize("where", ["tinylab/misconceptions", "audit/wheats", "audit/chaffs"])
def test_a_solution_defines_the_function_of_its_folder(tmp_path: Path, where: str) -> None:
    lab = shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    path = sorted((lab / "assignment" / where / "normalise_rows").glob("*.py"))[0]
    name = path.relative_to(lab).as_posix()
    edit(lab, name, "def normalise_rows", "def normalize_rows")
    line = line_of(lab, name, "def normalize_rows")
    said = f"{name}:{line}: does not define normalise_rows, the function that its folder is of; correct the"
    assert [slip.startswith(said) for slip in slips(lab)] == [True], slips(lab)


def test_a_stub_raises(lab: Path) -> None:
    path = lab / "solutions" / "training.py"
    text = path.read_text()
    start = text.index("def make_loss")
    head, body = (
        text[:start],
        text[start:].replace("    #!TAG HWBEGIN\n", "", 1).replace("    #!TAG HWEND\n", "", 1),
    )
    path.write_text(
        head + "\n".join(line for line in body.split("\n") if "Return the cross-entropy" not in line)
    )
    line = line_of(lab, "solutions/training.py", "def make_loss")
    said = f"solutions/training.py:{line}: the stub of make_loss does not raise NotImplementedError; put"
    assert [slip for slip in slips(lab) if slip.startswith(said)]


def test_a_stub_is_of_a_question(lab: Path) -> None:
    """As after a question was removed, and its function was forgotten."""
    edit(lab, "solutions/training.py", "def make_loss", "def make_a_loss")
    line = line_of(lab, "solutions/training.py", "def make_a_loss")
    said = (
        f"solutions/training.py:{line}: no question asks for make_a_loss, of which students would get a stub"
    )
    assert [slip for slip in slips(lab) if slip.startswith(said)]


def test_a_written_question_needs_a_rubric(lab: Path) -> None:
    (lab / "assignment" / "rubric.md").unlink()
    named = [slip for slip in slips(lab) if "there is no section for the written question" in slip]
    assert len(named) == 4


def test_a_submission_may_take_less_than_the_platform_waits() -> None:
    lab = load_lab(ROOT)
    training = lab.limits_of(lab.question("q1_7"))
    assert training.wall_seconds <= lab.submission_seconds <= lab.platform_seconds - STARTED


# --- all at once, quickly, by the commands -----------------------------------------------------------------


def _several(lab: Path) -> list[str]:
    edit(lab, NOTEBOOK, 'grader.check("q1_4")', 'grader.check("q1_44")')
    edit(lab, NOTEBOOK, ANSWER_CELL, "<!-- #region -->")
    (lab / HIDDEN / "test_q1_3.py").unlink()
    edit(lab, TOML, "platform_seconds = 600", "platform_seconds = 60")
    add(lab, "otter_config.json", "{}")
    return [
        "otter_config.json is out of date; run `convlab cut`",
        "q1_4 has no cell",
        '`grader.check("q1_44")` matches no',
        "the written question q2_3 has no answer cell",
        "q1_3 has no hidden check",
        "platform_seconds = 60",
        "student/lab06.ipynb: differs",
        "student/ is out of date: run `convlab cut`",
    ]


@pytest.mark.parametrize("command", [("release", "--out"), ("cut", "--check")])
def test_all_slips_are_listed_at_once(lab: Path, command: tuple[str, str]) -> None:
    expected = _several(lab)
    start = time.process_time()
    done = run(lab, *command, *([str(lab / "dist")] if "--out" in command else []))
    assert time.process_time() - start < 5
    assert done.exit_code == 1
    for said in expected:
        assert done.output.count(said) == 1, done.output
    assert "Traceback" not in done.output
    assert not (lab / "dist").exists()


def test_sources_that_cannot_be_used_stop_the_cut_too(lab: Path) -> None:
    edit(lab, TOML, '"CHANGELOG.md"]', '"CHANGELOG.md", "notes.md"]')
    add(lab, f"{PUBLIC}/test_q1_2.py", "def broken(:\n")
    for command in (("cut",), ("cut", "--check"), ("release", "--out", str(lab / "dist"))):
        done = run(lab, *command)
        assert done.exit_code == 2, done.output
        assert "'notes.md' is listed" in done.output
        assert "assignment/lab06/public/test_q1_2.py:1: invalid syntax" in done.output


def _non_utf8(lab: Path) -> None:
    path = lab / TOML
    path.write_bytes(path.read_bytes().replace(b"Gradescope", b"\xff", 1))


def _student_is_a_file(lab: Path) -> None:
    shutil.rmtree(lab / "student")
    add(lab, "student", "")


def _twice(lab: Path) -> None:
    edit(lab, TOML, 'id = "q1_2"', 'id = "q1_1"')


def _settings(lab: Path, old: str, new: str) -> str:
    """What `load_lab` says of an edited assignment.toml, with the path of the file left out."""
    if old:
        edit(lab, TOML, old, new)
    with pytest.raises(LabError) as refused:
        load_lab(lab)
    return str(refused.value).replace(f"{lab / TOML}:", "")


QUESTION = 'id = "q1_2"\ntitle = "Move the model to the device"\npoints = 2\n'
LIMITS = "[limits]\ncpu_seconds = 10.0"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            QUESTION,
            QUESTION.replace("points", "pionts"),
            "pionts",
            "there is no key `pionts` in this place; did you mean `points`?",
        ),
        (
            QUESTION,
            QUESTION.replace("points = 2\n", ""),
            'id = "q1_2"',
            "`points` is missing; add a line points = …",
        ),
        (
            QUESTION,
            QUESTION.replace("2\n", '"two"\n'),
            '"two"',
            "`points` is 'two'; it should be a valid number",
        ),
        (
            QUESTION,
            QUESTION.replace("2\n", '"2"\n'),
            'points = "2"',
            "`points` is '2'; it should be a valid number",
        ),
        (
            '    "<<picture>>",\n',
            '    "<<portrait>>",\n',
            "data = [",
            "data: '<<portrait>>': [facts] has no 'portrait'; write the file's name, or add the fact",
        ),
        (
            LIMITS,
            LIMITS.replace("10.0", "true"),
            "cpu_seconds = true",
            "`cpu_seconds` is true; it should be a valid number",
        ),
        (
            'id = "q2_3"\n',
            'id = "q2_3"\ntraining = "no"\n',
            'training = "no"',
            "`training` is 'no'; it should be a valid boolean",
        ),
        (QUESTION, QUESTION.replace("2\n", "-2\n"), "-2", "`points` is -2; it should be greater than 0"),
        (QUESTION, QUESTION.replace("2\n", "inf\n"), "inf", "`points` is inf; it should be a finite number"),
        (
            QUESTION,
            QUESTION.replace("2\n", "2.125\n"),
            "points = 2.125",
            "`points`: points are given in hundredths, and this is 2.125; write 2.12 or 2.13",
        ),
        (
            QUESTION,
            QUESTION.replace("q1_2", "1.2"),
            '"1.2"',
            "`id` is '1.2'; it should be a q, a number, an underscore and a number",
        ),
        (QUESTION, QUESTION.replace("q1_2", "q1_1"), "Move the model", "q1_1: this id occurs twice"),
        (
            LIMITS,
            LIMITS.replace("seconds", "second"),
            "cpu_second ",
            "there is no key `cpu_second` in this place; did you mean `cpu_seconds`?",
        ),
        (
            'functions = ["make_loss"]',
            'functions = "make_loss"',
            '"make_loss"',
            "`functions` is 'make_loss'; it should be a list, in [ and ]",
        ),
        (
            LIMITS,
            LIMITS.replace("10.0", "0.001"),
            "cpu_seconds = 0.001",
            "`cpu_seconds`: 0.001 is too small, a worker would not start; give 0.1 or more",
        ),
        (
            LIMITS,
            LIMITS.replace("10.0", "60"),
            "[limits]",
            "`wall_seconds` is 30, less than `cpu_seconds`, 60: code could never use its CPU time; raise it",
        ),
        (
            'version = "1.0"',
            "version = 1.1",
            "version =",
            '`version` is 1.1; it should be a text: write "1.1"',
        ),
        (
            'version = "1.0"',
            'version = "WS 2026"',
            "version =",
            "`version` is 'WS 2026'; it should be 1 to 40 letters, numbers, points, and the signs _ + -",
        ),
        (
            "date = 2026-11-26",
            "date = 2026-12-01T10:00:00",
            "date =",
            "`date` is 2026-12-01T10:00:00; it should be a day such as 2026-12-01, without quotes",
        ),
        (
            "date = 2026-11-26",
            "date = 1.12.2026",
            "date =",
            "this is not TOML: Expected newline or end of document after a statement; "
            "write the day as 2026-12-01, the year first",
        ),
        (
            "date = 2026-11-26",
            'date = "1.12.2026"',
            "date =",
            "`date` is '1.12.2026'; it should be a day such as 2026-11-26, without quotes and without a time",
        ),
        (
            '[[questions]]\nid = "q1_2"',
            '[questions]\nid = "q1_2"',
            "[questions]",
            "this is not TOML: Cannot",
        ),
        (
            "threshold = 0.88",
            "threshold = 88",
            "threshold =",
            "`threshold` is 88; it should be less than 1: write 0.88 for 88 per cent",
        ),
        (
            'id = "q2_3"\n',
            'id = "q2_3"\nmodule = "model"\nunchecked = ["public"]\n',
            "[[questions]]",
            "q2_3: people grade a written question, so it has no `module` and `unchecked`; take that out",
        ),
        *(
            (
                "[audit]\n",
                f"[late]\ndue = {written}\npercent_per_day = 10\n[audit]\n",
                "due = ",
                f"`due`: a deadline is a day and a time; add the time: {day}T23:59:00",
            )
            for written, day in (
                ("2026-12-01", "2026-12-01"),
                ('"2026-12-01"', "2026-12-01"),
                ("20261201", "2026-12-01"),
                ('"Friday"', "2026-11-20"),
            )
        ),
        (
            'module = "model"',
            'module = "modle"',
            'id = "q1_1"',
            "q1_1: module 'modle' is not among `modules`",
        ),
        (
            'module = "model"',
            "module = model",
            "module = model",
            "this is not TOML: Invalid value; texts need quotes",
        ),
        (
            'module = "model"',
            '<<<<<<< HEAD\nmodule = "model"\n=======\n>>>>>>> x',
            "<<<<<<<",
            "a merge left two texts here; keep one",
        ),
    ],
)
def test_settings_are_refused_with_line_and_remedy(
    lab: Path, old: str, new: str, line: str, said: str
) -> None:
    """One line for one slip, in the words of the file, and at the very line."""
    told = _settings(lab, old, new)
    assert "\n" not in told
    number, _, problem = told.partition(": ")
    assert problem.startswith(said)
    near = (lab / TOML).read_text().splitlines()[int(number) - 1 : int(number) + 1]
    assert line in "\n".join(near), near


ONE = """schema = 1
name = "x"
title = "X"
modules = ["model"]
notebook = "x.ipynb"
[[questions]]
id = "q1_1"
title = "t"
points = 1
module = "model"
functions = ["f"]
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("points = 1\n", "points = 1\nstray = 2\n", "10: there is no key `stray` in this place; remove it"),
        ("points = 1\n", "points = 0\n", "9: `points` is 0; it should be greater than 0"),
        ('["model"]', "[7]", '4: `modules` is 7; it should be a text: write "7"'),
    ],
)
def test_a_list_of_which_everything_is_wrong_is_not_called_empty(
    lab: Path, old: str, new: str, told: str
) -> None:
    (lab / TOML).write_text(ONE.replace(old, new))
    lines = _settings(lab, "", "").splitlines()
    assert [line for line in lines if line.startswith(told)]
    assert not [line for line in lines if "at least 1 item" in line]


def test_an_empty_list_is_called_empty(lab: Path) -> None:
    (lab / TOML).write_text(ONE.replace('["model"]', "[]"))
    assert "`modules` is []; it should have at least 1 item" in _settings(lab, "", "")


@pytest.mark.parametrize("tables", ["[questions]", "[[questions]]\n[questions]", "[questions]\n[questions]"])
def test_tables_of_which_there_are_several_have_two_brackets(tmp_path: Path, tables: str) -> None:
    settings = (ROOT / TOML).read_text().split("[[questions]]")[0]
    add(tmp_path, TOML, settings + tables)
    assert "write [[questions]], with two brackets, above each of" in _settings(tmp_path, "", "")


def test_a_byte_order_mark_is_no_part_of_the_settings(lab: Path) -> None:
    path = lab / TOML
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_lab(lab).name == "lab06"


NO_UTF8 = {
    "cut": ("assignment/rubric.md", "assignment/rubric.toml", "assignment/contract.toml"),
    "audit": (
        "assignment/audit/mutants.toml",
        "assignment/audit/pitfalls.toml",
        "assignment/audit/wheats/make_loss/own_module.py",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "name"), [(key, name) for key, names in NO_UTF8.items() for name in names]
)
def test_what_is_not_utf8_is_named_wherever_it_is_read(tmp_path: Path, command: str, name: str) -> None:
    lab = copied(tmp_path, audit=True)
    with (lab / name).open("ab") as stream:
        stream.write(b"\n# \xff\n")
    done = run(lab, command, *(["--check"] if command == "cut" else ["--only", "make_loss"]))
    assert done.exit_code == 2, done.output
    assert (
        f"{name}:{(lab / name).read_bytes().count(10)}: byte 0xff is not UTF-8; save the file as UTF-8"
        in done.output
    )


@pytest.mark.parametrize("name", [NOTEBOOK, "assignment/handout/README.md", "assignment/rubric.md"])
def test_a_merge_that_was_not_finished_never_reaches_anyone(lab: Path, name: str) -> None:
    edit(lab, name, "", "\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> theirs\n")
    done = run(lab, "cut", "--check")
    assert done.exit_code == 2, done.output
    assert "a merge left two texts here; keep one" in done.output
    assert f"{name}:" in done.output


MISTAKES: dict[str, Callable[[Path], object]] = {
    "no toml": lambda lab: (lab / TOML).unlink(),
    "an empty toml": lambda lab: add(lab, TOML, ""),
    "a toml that is none": lambda lab: add(lab, TOML, "x = = 1\n"),
    "a toml that is not UTF-8": _non_utf8,
    "a key of the wrong type": lambda lab: edit(
        lab, TOML, 'points = 12\nmodule = "model"', 'points = "many"\nmodule = "model"'
    ),
    "a key that is missing": lambda lab: edit(lab, TOML, 'title = "Build the network"\n', ""),
    "a key that there is not": lambda lab: edit(lab, TOML, 'title = "Build the network"\n', 'titel = "x"\n'),
    "a date that is none": lambda lab: edit(lab, TOML, "date = 2026-11-26", 'date = "soon"'),
    "an id twice": _twice,
    "a header that is broken": lambda lab: edit(lab, NOTEBOOK, "  kernelspec:\n", "  kernelspec: [\n"),
    "a notebook that is missing": lambda lab: (lab / NOTEBOOK).unlink(),
    "a notebook that is not UTF-8": lambda lab: add(lab, NOTEBOOK, b"# \xff\n"),
    "a fact that there is not": lambda lab: edit(lab, NOTEBOOK, "<<picture>>", "<<pictur>>"),
    "a fact in the hand-out": lambda lab: edit(lab, "assignment/handout/AGENTS.md", "", "<<nothing>>\n"),
    "an item without points": lambda lab: edit(
        lab, "assignment/rubric.toml", '"stripes"\npoints = 1\n', '"stripes"\n'
    ),
    "an item twice": lambda lab: edit(
        lab, "assignment/rubric.toml", 'id = "directions"', 'id = "difference"'
    ),
    "a rubric that is no toml": lambda lab: add(lab, "assignment/rubric.toml", "[["),
    "a fact in the rubric": lambda lab: edit(lab, "assignment/rubric.md", "", "<<nothing>>\n"),
    "a hand-out text that is not UTF-8": lambda lab: add(lab, "assignment/handout/AGENTS.md", b"\xff\n"),
    "a rubric that is not UTF-8": lambda lab: add(lab, "assignment/rubric.md", b"\xff\n"),
    "a module that is missing": lambda lab: (lab / "solutions/model.py").unlink(),
    "an empty module": lambda lab: add(lab, "solutions/model.py", ""),
    "a module that is not Python": lambda lab: add(lab, "solutions/model.py", "def f(:\n"),
    "a module that is not UTF-8": lambda lab: add(lab, "solutions/model.py", b"# \xff\n"),
    "a marker without its end": lambda lab: edit(lab, "solutions/model.py", "", "\n#!TAG HWBEGIN\n"),
    "no package": lambda lab: shutil.rmtree(lab / "assignment/lab06"),
    "no hand-out": lambda lab: shutil.rmtree(lab / "assignment/handout"),
    "no probes": lambda lab: (lab / "assignment/lab06/probes.py").unlink(),
    "no public checks": lambda lab: shutil.rmtree(lab / PUBLIC),
    "no hidden checks": lambda lab: shutil.rmtree(lab / HIDDEN),
    "no solutions": lambda lab: shutil.rmtree(lab / "solutions"),
    "no student folder": lambda lab: shutil.rmtree(lab / "student"),
    "a mistake that is not UTF-8": lambda lab: add(
        lab, "assignment/lab06/misconceptions/make_loss/x.py", b"\xff"
    ),
    "a mistake that is not Python": lambda lab: add(
        lab, "assignment/lab06/misconceptions/make_loss/x.py", "def f(:\n"
    ),
    "a check without arguments": lambda lab: edit(
        lab, f"{PUBLIC}/test_q1_2.py", "", '\n\n@check("q1_2")\ndef test_more(student):\n    pass\n'
    ),
    "a check that is a class": lambda lab: edit(
        lab, f"{PUBLIC}/test_q1_2.py", "", '\n\n@check("q1_2", 1)\nclass TestMore:\n    pass\n'
    ),
    "a share that is a text, in the place of a number": lambda lab: add(
        lab,
        f"{PUBLIC}/test_q1_2.py",
        (lab / PUBLIC / "test_q1_2.py").read_text().replace('@check("q1_2", 0.5', '@check("q1_2", "0.5"'),
    ),
    "a check of a number": lambda lab: edit(
        lab, f"{PUBLIC}/test_q1_2.py", "", "\n\n@check(12, 1)\ndef test_more(student):\n    pass\n"
    ),
    "a public check that imports hidden ones": lambda lab: edit(
        lab, f"{PUBLIC}/test_q1_2.py", "", "\nfrom lab06.hidden import inputs\n"
    ),
    "students' folder is a file": _student_is_a_file,
    "a table of known mistakes that is missing": lambda lab: (lab / PUBLIC / "mistakes.json").unlink(),
}


@pytest.mark.parametrize("mistake", slow_but(3, MISTAKES))
def test_no_mistake_ends_in_a_traceback_or_is_called_the_graders(lab: Path, mistake: str) -> None:
    MISTAKES[mistake](lab)
    done = run(lab, "cut", "--check")
    assert done.exit_code in (1, 2), done.output
    assert done.output.strip()
    assert "Traceback" not in done.output
    assert "grader itself" not in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    "name", ["probes.py", "conftest.py", "public/__init__.py", "hidden/__init__.py", "hidden/conftest.py"]
)
def test_a_file_that_the_package_needs_is_named(lab: Path, name: str) -> None:
    (lab / "assignment" / "lab06" / name).unlink()
    done = run(lab, "release", "--out", str(lab / "dist"))
    assert done.exit_code == 2, done.output
    assert f"assignment/lab06/{name}: this file is missing; " in done.output
    assert done.output.count("\n") == 1


@pytest.mark.parametrize("name", [NOTEBOOK, "solutions/model.py"])
def test_a_source_that_is_missing_is_named_from_here(
    lab: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lab)
    (lab / name).unlink()
    said = f"Error: {name}: this file is missing; write it, or correct its name in assignment.toml\n"
    assert run(lab, "cut").output == said


@pytest.mark.slow
def test_line_ends_of_windows_change_nothing(lab: Path) -> None:
    texts = {".py", ".md", ".toml", ".ini", ".txt", ".json", ".ipynb"}
    for path in lab.rglob("*"):
        if path.suffix in texts and "audit" not in path.parts:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    made = cut_lab(load_lab(lab))
    assert student_files(made) == student_files(cut_lab(load_lab(ROOT)))
    done = run(lab, "cut", "--check")
    assert done.exit_code == 0, done.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "solutions/vectors.py",
            "solutions/vectors.py:LINE: the reference fails in the check test_by_hand: Used",
        ),
        (
            "assignment/tinylab/misconceptions/normalise_rows/x.py",
            "misconceptions/normalise_rows/x.py:LINE: this known mistake does not end in time: Used more",
        ),
    ],
)
def test_an_endless_loop_in_the_sources_ends(tmp_path: Path, name: str, said: str) -> None:
    lab = shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    edit(lab, TOML, "cpu_seconds = 5.0", "cpu_seconds = 0.5")
    endless = "def normalise_rows(matrix):\n    while True:\n        pass\n"
    if (lab / name).exists():
        edit(lab, name, "", f"\n\n{endless}")
    else:
        add(lab, name, f'"""It loops.\n\nDoes it?\n"""\n\n\n{endless}')
    done = run(lab, "cut")
    assert done.exit_code == 2, done.output
    loop = line_of(lab, name, "    while True:")
    assert any(said.replace("LINE", str(line)) in done.output for line in (loop, loop + 1)), done.output
    assert "0.5 s of CPU time" in done.output


@pytest.mark.slow
@pytest.mark.parametrize("room", ["public", "hidden"])
@pytest.mark.parametrize("caught", [False, True])
def test_a_check_that_never_ends_is_named(
    tmp_path: Path, room: str, caught: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endless, "LEAST", 0.3)
    monkeypatch.setattr(endless, "_AGAIN", 0.1)
    lab = shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    edit(lab, TOML, "cpu_seconds = 5.0", "cpu_seconds = 0.2")
    name = f"assignment/tinylab/{room}/test_q1_1.py"
    loop = (
        "try:\n            len('')\n        except Exception:\n            pass\n" if caught else "len('')\n"
    )
    told = 'title="t"' if room == "public" else 'family="f", hint="h"'
    needs = ", tmp_path" if room == "hidden" and caught else ""  # which asks for pytest's own protocol
    check = f'@check("q1_1", 1, {told})\ndef test_turns(student{needs}):\n    while True:\n        {loop}'
    edit(lab, name, "", f"\n\n{check}")
    line = line_of(lab, name, "def test_turns") + 1
    done = run(lab, "cut")
    if room == "hidden":
        assert done.exit_code == 0, done.output
        done = run(lab, "release", "--out", str(lab / "dist"))
    assert done.exit_code in (1, 2), done.output
    places = [f"{name}:{line + number}: the check test_turns does not end: it took" for number in range(5)]
    assert any(place in done.output for place in places), done.output
    assert "Traceback" not in done.output


@pytest.mark.slow
def test_a_reference_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    lab = shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    edit(lab, "solutions/vectors.py", "    lengths = matrix", "    lengths = None + matrix")
    line = line_of(lab, "solutions/vectors.py", "None + matrix")
    done = run(lab, "cut")
    assert done.exit_code == 2, done.output
    said = f"solutions/vectors.py:{line}: the reference fails in the check test_by_hand: TypeError: "
    assert said in done.output
    assert done.output.endswith("; correct it\n")


BROKEN: dict[str, tuple[str, str, str]] = {
    "a module that is not there": (
        "    squares = ",
        "    import not_there\n    matrix = not_there.of(matrix)\n    squares = ",
        "ImportError: vectors.py, line ",
    ),
    "a name that torch has not": (
        "import torch\n",
        "import torch\nONE = torch.onse(1)\n",
        "AttributeError: module 'torch' has no attribute",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", BROKEN)
def test_a_known_mistake_that_does_not_run_is_refused(tmp_path: Path, case: str) -> None:
    """Students would be told of the mistake where theirs is an import that they forgot."""
    lab = shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    name = "assignment/tinylab/misconceptions/normalise_rows/root_forgotten.py"
    old, new, said = BROKEN[case]
    edit(lab, name, old, new)
    line = line_of(lab, name, "onse" if "onse" in new else "not_there.of")
    done = run(lab, "cut")
    assert done.exit_code == 2, done.output
    assert f"{name}:{line}: {said}" in done.output
    assert "Traceback" not in done.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    raise KeyError('x')\n", "test_more does not run on the reference: KeyError: 'x'"),
        (
            "    student.run('move', device='nowhere')\n",
            "does not run on the reference: the reference failed in move: ",
        ),
    ],
)
def test_a_public_check_that_fails_by_itself_is_named(lab: Path, body: str, said: str) -> None:
    edit(lab, f"{PUBLIC}/test_q1_2.py", "", f'\n\n@check("q1_2", 1)\ndef test_more(student):\n{body}')
    done = run(lab, "cut")
    assert done.exit_code == 2
    assert said in done.output
    assert "public/test_q1_2.py:" in done.output
    assert "grader itself" not in done.output
