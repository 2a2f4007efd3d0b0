"""convlab regrade: what would change is shown; what is there is kept."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from handed_in import MODULES, zipped
from made_up_class import a_grade, write
from made_up_grades import check, grade, question
from scripted import Scripted, written

from autograder import cli
from autograder.batch import commands
from autograder.batch.items import Item
from autograder.batch.regrade import changes, lapsing
from autograder.batch.run import Done
from autograder.grade import Grade, Student, Verdict, digest_of
from autograder.gradebook import Gradebook, Wish
from autograder.grading import Options
from autograder.submission import Submission


class Marked(Scripted):
    """Gives each student the share of a question's points that `marks` says, by question."""

    marks: dict[tuple[str, str], float]

    def __init__(self, _: object, options: Options) -> None:
        super().__init__(options)

    def __enter__(self) -> Marked:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
        plain = super().grade(submission, questions)
        results = []
        for result in plain.questions:
            share = self.marks.get((submission.id, result.id), 1.0)
            if result.verdict is not Verdict.PASSED or share == 1:
                results.append(result)
                continue
            wrong = check("all", Verdict.WRONG, result.max_score)
            part = question(result.id, wrong, score=result.max_score * share, digest=result.digest)
            results.append(part)
        digest = digest_of(submission.digest, [result.digest for result in results])
        return grade(*results, submission=submission.id, work=submission.digest, digest=digest)


@pytest.fixture(autouse=True)
def marks(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    monkeypatch.setattr(Marked, "marks", found, raising=False)
    monkeypatch.setattr(commands, "Grader", Marked)
    return found


@pytest.fixture
def given(tmp_path: Path) -> Path:
    (tmp_path / "all").mkdir()
    for name in ("ann", "bea", "cy"):
        zipped(tmp_path / "all" / f"{name}.zip", {**MODULES, "model.py": name.encode()})
    return tmp_path / "all"


def convlab(*arguments: object, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, [*map(str, arguments), "--jobs", "1"], input=answer)


def scores(out: Path) -> dict[str, float]:
    return {name: one.score for name, one in written(out).items()}


def graded(given: Path, out: Path) -> None:
    assert convlab("grade", given, "--out", out).exit_code == 0
    assert scores(out) == {"ann": 83, "bea": 83, "cy": 83}


def test_what_would_change_is_shown_and_not_written(
    given: Path, tmp_path: Path, marks: dict[tuple[str, str], float]
) -> None:
    out = tmp_path / "out"
    graded(given, out)
    before = {path: path.read_bytes() for path in out.rglob("*.*")}
    marks.update({("ann", "q2_2"): 0.5, ("bea", "q2_1"): 0.0})
    for more in ((), ("--dry-run",)):
        result = convlab("regrade", given, "--out", out, "--only", "q2_2", *more)
        assert result.exit_code == 0, result.output
        assert "10 → 5" in result.output
        assert "83 → 78" in result.output
        assert "q2_2: 0 up, 1 down, 2 the same" in result.output
        assert "bea" not in result.output
        assert "nothing was written" in result.output
    after = {path: path.read_bytes() for path in out.rglob("*.*")}
    assert {**after, out / ".convlab.lock": b""} == {**before, out / ".convlab.lock": b""}


def test_applied_changes_keep_the_old_grades(
    given: Path, tmp_path: Path, marks: dict[tuple[str, str], float]
) -> None:
    out = tmp_path / "out"
    graded(given, out)
    old = written(out)
    marks.update({("ann", "q2_2"): 0.5, ("bea", "q2_1"): 0.0})
    result = convlab("regrade", given, "--out", out, "--only", "q2_2", "--apply")
    assert result.exit_code == 0, result.output
    assert scores(out) == {"ann": 78, "bea": 83, "cy": 83}
    assert Grade.model_validate_json((out / "ann/history/1.json").read_text()) == old["ann"]
    assert not (out / "bea" / "history").exists()
    table = list(csv.DictReader((out / "grades.csv").open(newline="")))
    assert [(row["submission"], row["q2_2"], row["score"]) for row in table] == [
        ("ann", "5", "78"),
        ("bea", "10", "83"),
        ("cy", "10", "83"),
    ]
    marks.clear()
    convlab("regrade", given, "--out", out, "--only", "q2_2", "--apply")
    assert scores(out)["ann"] == 83
    assert (out / "ann/history/2.json").exists()


@pytest.mark.parametrize(("answer", "score"), [("y\n", 78), ("n\n", 83)])
def test_who_is_at_a_terminal_is_asked(
    given: Path,
    tmp_path: Path,
    marks: dict[tuple[str, str], float],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    score: float,
) -> None:
    graded(given, tmp_path / "out")
    marks["ann", "q2_2"] = 0.5
    monkeypatch.setattr(commands, "_at_a_terminal", lambda: True)
    result = convlab("regrade", given, "--out", tmp_path / "out", "--only", "q2_2", answer=answer)
    assert "1 submission changes. Apply? [y/N]" in result.output
    assert scores(tmp_path / "out")["ann"] == score


def test_only_grades_of_the_same_work_are_changed(
    given: Path, tmp_path: Path, marks: dict[tuple[str, str], float]
) -> None:
    out = tmp_path / "out"
    graded(given, out)
    zipped(given / "ann.zip", {**MODULES, "model.py": b"since then"})
    zipped(given / "dee.zip", MODULES)
    marks["ann", "q2_2"] = marks["dee", "q2_2"] = 0.5
    result = convlab("regrade", given, "--out", out, "--only", "q2_2", "--apply")
    assert result.exit_code == 0, result.output
    assert "ann: handed in again since it was graded; `convlab grade` does that" in result.output
    assert "dee: not graded yet; `convlab grade` does that" in result.output
    assert scores(out) == {"ann": 83, "bea": 83, "cy": 83}


def test_kept_grades_are_told(given: Path, tmp_path: Path) -> None:
    graded(given, tmp_path / "out")
    result = convlab("grade", given, "--out", tmp_path / "out")
    assert "3 of 3 were graded before and kept (--again regrades them)" in result.output


def test_unknown_questions_and_rosters_are_told(given: Path, tmp_path: Path) -> None:
    result = convlab("regrade", given, "--out", tmp_path / "out", "--only", "q9_9")
    assert (result.exit_code, "unknown question q9_9" in result.output) == (2, True)
    result = convlab("grade", given, "--out", tmp_path / "out", "--roster", tmp_path / "none.csv")
    assert (result.exit_code, "none.csv: No such file" in result.output) == (2, True)


@pytest.mark.parametrize("again", [["grade", "--again"], ["regrade", "--apply"]])
def test_names_of_a_roster_stay_without_it(given: Path, tmp_path: Path, again: list[str]) -> None:
    out = tmp_path / "out"
    (tmp_path / "roster.csv").write_text("id,student,name\nann,A1,Ann Lee\nnobody,N1,N\n")
    first = convlab("grade", given, "--out", out, "--roster", tmp_path / "roster.csv")
    assert "1 of 2 rows match no submission (nobody)" in first.output
    assert "2 of 3 submissions are not in the roster (bea, cy)" in first.output
    done = convlab(again[0], given, "--out", out, *again[1:], "--only", "q2_1")
    assert done.exit_code == 0, done.output
    assert written(out)["ann"].student == Student(id="A1", name="Ann Lee")
    rows = list(csv.DictReader((out / "grades.csv").open(newline="")))
    assert [row["student"] for row in rows if row["submission"] == "ann"] == ["A1"]


def test_two_submissions_of_one_student_are_told(given: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,student\nann,A1\nbea,A1\ncy,C1\n")
    done = convlab("grade", given, "--out", tmp_path / "out", "--roster", tmp_path / "roster.csv")
    assert "roster.csv: A1 has 2 submissions (ann, bea); each is graded" in done.output


def test_a_regrade_of_nothing_makes_no_folder(given: Path, tmp_path: Path) -> None:
    done = convlab("regrade", given, "--out", tmp_path / "typo")
    assert (done.exit_code, (tmp_path / "typo").exists()) == (2, False)
    assert "no such folder; name the one that `convlab grade` wrote to" in done.output


def test_nothing_to_run_is_told(given: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli.main, ["grade", str(given), "--out", str(tmp_path / "o"), "--only", "q1_7", "--no-training"]
    )
    assert result.exit_code == 2
    assert "nothing would be run" in result.output


def test_a_roster_reaches_the_grades(given: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,student,name\nann,A1,Ann Lee\n")
    convlab("grade", given, "--out", tmp_path / "out", "--roster", tmp_path / "roster.csv")
    table = list(csv.DictReader((tmp_path / "out/grades.csv").open(newline="")))
    assert [(row["student"], row["name"]) for row in table] == [("A1", "Ann Lee"), ("", ""), ("", "")]


def test_people_hear_which_of_their_marks_would_go(tmp_path: Path) -> None:
    """The maximum changed: points that someone gave in place of the checks' were for another one."""
    out = write(tmp_path / "out", a_grade("ann", right=True))
    book = Gradebook(out)
    book.mark([Wish("ann", "q2_2", 4.0, "helped")], "Eva")
    before = book.grade("ann")
    assert before is not None
    questions = [
        q.model_copy(update={"max_score": 12.0} if q.id == "q2_2" else {}) for q in before.machine.questions
    ]
    after = book.with_marks(before.machine.model_copy(update={"questions": tuple(questions)}))
    done = Done(Item("ann", tmp_path / "ann.zip"), after, earlier=before)
    found = changes([done])
    assert lapsing(found, book.marks()) == {"ann": {"q2_2": "its maximum is 12 now, not 10"}}
    assert not lapsing(changes([replace(done, result=before)]), book.marks())
