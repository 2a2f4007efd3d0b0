"""Marks that no longer count: which, of whom and why, said wherever somebody would miss them."""

from __future__ import annotations

from pathlib import Path

import pytest
from handed_in import COMPLETE, book, foldered
from harness import lab
from made_up_class import a_grade, write
from platform_class import packed
from test_same_class import convlab, quick

from autograder.desk.room import Desk
from autograder.grade import Grade, Verdict
from autograder.gradebook import Gradebook

__all__ = ["quick"]
OTHER = {**COMPLETE, "lab06.ipynb": book(("q2_3", "something else"))}
CODE = {**COMPLETE, "model.py": b"# better"}


def of(out: Path, name: str) -> Grade:
    found = Gradebook(out, lab()).grade(name)
    assert found is not None
    return found


@pytest.fixture
def graded(tmp_path: Path, quick: None) -> Path:
    out = tmp_path / "out"
    foldered(tmp_path / "class", {"ann.zip": packed(COMPLETE), "bea.zip": packed(CODE)})
    convlab("grade", tmp_path / "class", "--out", out)
    convlab("marks", "set", out, "ann", "q2_2", "8", "--reason", "a slip", "--as", "Eva")
    convlab("marks", "set", out, "ann", "q2_3", "2", "--as", "Eva")
    convlab("marks", "set", out, "bea", "q2_2", "7", "--reason", "a slip", "--as", "Eva")
    return out


def test_an_override_is_for_the_code_and_not_for_the_notebook(tmp_path: Path, graded: Path) -> None:
    foldered(tmp_path / "class", {"ann.zip": packed(OTHER)})
    convlab("grade", tmp_path / "class", "--out", graded)
    assert of(graded, "ann").question("q2_2").score == 8
    assert of(graded, "ann").question("q2_3").again
    foldered(tmp_path / "class", {"ann.zip": packed({**OTHER, "model.py": b"# worse"})})
    convlab("grade", tmp_path / "class", "--out", graded)
    assert of(graded, "ann").question("q2_2").again


@pytest.mark.parametrize("again", [[], ["--again"]])
def test_overrides_of_before_there_was_a_digest_of_the_code_stay(
    tmp_path: Path, graded: Path, again: list[str]
) -> None:
    import sqlite3

    old = of(graded, "ann")
    (graded / "ann" / "grade.json").write_text(old.machine.model_copy(update={"code": ""}).to_json())
    with sqlite3.connect(graded / "marks.sqlite") as base:  # as an earlier convlab kept them
        base.execute("DROP TRIGGER marks_stay")
        base.execute("UPDATE marks SET answer = ? WHERE question = 'q2_2'", (old.work,))
    assert of(graded, "ann").question("q2_2").score == 8
    convlab("grade", tmp_path / "class", "--out", graded, *again)
    assert of(graded, "ann").code == old.code
    assert of(graded, "ann").question("q2_2").score == 8
    foldered(tmp_path / "class", {"ann.zip": packed(OTHER)})
    convlab("grade", tmp_path / "class", "--out", graded)
    assert of(graded, "ann").question("q2_2").score == 8


def test_the_summary_says_which_marks_lapsed_and_of_whom(tmp_path: Path, graded: Path) -> None:
    foldered(tmp_path / "class", {"ann.zip": packed({**OTHER, "training.py": b"# new"})})
    told = convlab("grade", tmp_path / "class", "--out", graded)
    assert "2 marks no longer count: ann q2_2 (the code changed), ann q2_3 (the answer changed)" in told
    log = convlab("marks", "log", graded)
    assert " ann q2_3 2 by Eva" in log
    stars = [line for line in _lines(graded) if line.startswith("*")]
    assert len(stars) == 1
    assert "bea q2_2 7 by Eva" in stars[0]
    assert "To be marked again: ann q2_2 (the code changed), ann q2_3 (the answer changed)." in log
    convlab("report", graded)
    page = (graded / "report.html").read_text()
    assert "q2_3: its mark no longer counts, the answer changed" in page


def _lines(out: Path) -> list[str]:
    from click.testing import CliRunner

    from autograder.cli import main

    return CliRunner().invoke(main, ["marks", "log", str(out)]).output.splitlines()


def test_a_smaller_maximum_is_no_changed_answer(tmp_path: Path) -> None:
    out = write(tmp_path / "out", a_grade("ann"))
    convlab("marks", "set", out, "ann", "q2_3", "2", "--as", "Eva")
    grade = a_grade("ann")
    questions = [
        question.model_copy(update={"max_score": question.max_score - 1})
        if question.id == "q2_3"
        else question
        for question in grade.questions
    ]
    with Gradebook(out, lab()) as gradebook:
        gradebook.put("ann", grade.with_results(questions))
    assert of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    most = grade.question("q2_3").max_score
    assert f"ann q2_3 (its maximum is {most - 1:g} now, not {most:g})" in convlab("marks", "log", out)
    convlab("report", out)
    page = (out / "report.html").read_text()
    assert "the answer changed" not in page
    assert f"its maximum is {most - 1:g} now" in page


# ---- notebooks that cannot be read ---------------------------------------------------------------------


@pytest.fixture
def damaged(tmp_path: Path, quick: None) -> Path:
    """Two damaged notebooks, one of another name, and two in which nothing was written."""
    empty = book(*((question.id, "") for question in lab().questions if question.written))
    files = {
        "ann": {**COMPLETE, "lab06.ipynb": b"{damaged"},
        "bea": {**COMPLETE, "lab06.ipynb": empty},
        "cem": {**COMPLETE, "lab06.ipynb": empty, "model.py": b"# cem"},
        "dan": {name: text for name, text in COMPLETE.items() if name != "lab06.ipynb"}
        | {"dan-x.ipynb": empty, "dan-y.ipynb": empty},
    }
    foldered(tmp_path / "class", {f"{name}.zip": packed(theirs) for name, theirs in files.items()})
    convlab("grade", tmp_path / "class", "--out", tmp_path / "out")
    return tmp_path / "out"


def test_a_damaged_notebook_is_no_empty_answer_at_the_desk(damaged: Path) -> None:
    desk = Desk(damaged, lab())
    entries = {entry.name: entry for entry in desk.order("Eva", "q2_3")}
    assert desk.unread(entries["ann"]).startswith("Written answers were not read: it is not a notebook")
    told = "Written answers were not read: of several notebooks none is named lab06.ipynb."
    assert desk.unread(entries["dan"]) == told
    assert [desk.blank(entries[name]) for name in ("ann", "bea", "cem", "dan")] == [False, True, True, False]
    assert desk.alike("Eva", entries["ann"]) == ([], [])
    assert [other.name for other in desk.alike("Eva", entries["bea"])[0]] == ["cem"]


def test_a_damaged_notebook_is_no_empty_answer_where_answers_are_counted(damaged: Path) -> None:
    count = sum(question.written for question in lab().questions)
    told = f"{2 * count} of them empty, {2 * count} of notebooks that could not be read"
    assert f"{4 * count} written answers to mark, {told}" in convlab(
        "grade", damaged.parent / "class", "--out", damaged
    )
    convlab("report", damaged)
    told = "q2_3: 4 answers to mark, 2 of them empty, 2 of notebooks that could not be read"
    assert told in (damaged / "report.html").read_text()
    (damaged / "points.csv").write_text("submission,question,points\nann,q2_3,0\nbea,q2_3,0\n")
    assert (
        f"{4 * count - 2} written answers are still ungraded, {2 * count - 1} of them empty, "
        f"{2 * count - 1} of notebooks"
    ) in convlab("written", "apply", damaged, damaged / "points.csv")


def test_a_damaged_notebook_is_no_empty_answer_on_the_page(damaged: Path) -> None:
    convlab("written", "collect", damaged)
    page = (damaged / "written.html").read_text()
    assert "<b>ann</b>: Written answers were not read: it is not a notebook" in page
    assert "No answer from 2:" in page
    table = (damaged / "written.csv").read_text()
    assert "ann,q2_3" in table
