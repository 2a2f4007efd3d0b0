"""The gradebook: one writer at a time, marks that no run loses, pages beside the grades they are about."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from handed_in import MODULES, zipped
from harness import lab
from made_up_class import a_grade, write
from scripted import Scripted

from autograder.batch import collect, grade_all
from autograder.cli import main
from autograder.errors import UsageError
from autograder.grade import Grade, Machine, Student, Verdict
from autograder.gradebook import Gradebook, Mark, Wish
from autograder.gradebook.names import BEHIND, LOCK

IDS = [question.id for question in lab().questions]
FILLED = "submission,question,points,comment\nann,q2_3,3.5,good\n"


def convlab(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def grade_of(out: Path, name: str) -> Grade:
    return Grade.model_validate_json((out / name / "grade.json").read_bytes())


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != LOCK)
    return {str(path): path.read_bytes() for path in files}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write(tmp_path / "out", a_grade("ann"), a_grade("bea"))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    (tmp_path / "filled.csv").write_text(FILLED)
    return tmp_path / "filled.csv"


# ---- one writer at a time ------------------------------------------------------------------------------


@pytest.fixture
def held(out: Path) -> Iterator[dict[str, bytes]]:
    """What is in the folder while another command holds its lock."""
    with Gradebook(out):
        yield contents(out)


@pytest.mark.parametrize("command", ["written collect OUT", "report OUT"])
def test_who_changes_results_waits_for_whom_else_does(
    out: Path, filled: Path, held: dict[str, bytes], command: str
) -> None:
    words = [{"OUT": str(out), "CSV": str(filled)}.get(word, word) for word in command.split()]
    result = convlab(*words)
    assert result.exit_code == 2
    assert "in use by process " in result.output
    assert "wait for it" in result.output
    assert contents(out) == held


def test_reading_the_answers_needs_no_lock(out: Path, tmp_path: Path, held: dict[str, bytes]) -> None:
    assert convlab("written", "collect", out, "--out", tmp_path / "mine.html").exit_code == 0
    assert (tmp_path / "mine.csv").exists()
    assert contents(out) == held


@pytest.mark.parametrize("command", ["written apply OUT CSV", "report OUT", "written collect OUT"])
@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_results_is_left_as_it_is(
    tmp_path: Path, filled: Path, command: str, folder: str
) -> None:
    (tmp_path / "empty").mkdir()
    words = [{"OUT": str(tmp_path / folder), "CSV": str(filled)}.get(word, word) for word in command.split()]
    result = convlab(*words)
    assert result.exit_code == 2
    assert ("No such file" if folder == "missing" else "holds no <submission>/grade.json") in result.output
    assert not list(tmp_path.glob(f"{folder}/*"))
    assert (tmp_path / "missing").exists() is False


def test_the_next_one_may_write(out: Path, filled: Path) -> None:
    with Gradebook(out):
        assert convlab("report", out).exit_code == 2
    assert convlab("report", out).exit_code == 0
    assert (out / "report.html").exists()


def test_marks_are_taken_while_another_command_writes(out: Path, filled: Path) -> None:
    """They are on disk at once; who holds the lock puts them into the files."""
    with Gradebook(out):
        result = convlab("written", "apply", out, filled)
        assert result.exit_code == 0, result.output
        assert "The marks are saved. process " in result.output
        assert Gradebook(out).read().grades["ann"].question("q2_3").score == 3.5
        assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    assert grade_of(out, "ann").question("q2_3").score == 3.5
    assert ",3.5," in (out / "grades.csv").read_text()


def test_who_holds_the_lock_is_named(out: Path) -> None:
    script = "from autograder.gradebook import Gradebook; from pathlib import Path; import sys\n"
    script += "with Gradebook(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", script, str(out)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        output = convlab("report", out).output
        assert f"in use by process {other.pid} on {socket.gethostname()} (`-c`) since 20" in output
        other.communicate()


def test_nothing_is_changed_without_the_lock(out: Path) -> None:
    before = contents(out)
    book = Gradebook(out)
    with pytest.raises(RuntimeError, match="without its lock"):
        book.put("ann", a_grade("ann", seed=1))
    with pytest.raises(RuntimeError, match="without its lock"):
        book.write_pages({"report.html": ""})
    with pytest.raises(RuntimeError, match="without its lock"):
        book.remove_page("ann")
    assert contents(out) == before


KILLED = """
import os, sys
from pathlib import Path
from made_up_class import a_grade
from autograder.gradebook import Gradebook, Ungraded
from autograder.gradebook.names import BEHIND
book = Gradebook(Path(sys.argv[1])).__enter__()
if sys.argv[2] == "put":
    book.put("ann", a_grade("ann", seed=int(sys.argv[3])))
else:
    book.drop("ann", Ungraded(why="the file is empty"))
os._exit(9)
"""


@pytest.mark.parametrize("change", ["put", "drop"])
def test_the_table_of_a_run_that_was_killed_is_caught_up(tmp_path: Path, change: str) -> None:
    """Killed between a result and the table of all: whoever takes the lock next writes the table."""
    out = write(tmp_path / "out", a_grade("ann"), a_grade("bea"))
    seed = next(n for n in range(1, 50) if a_grade("ann", seed=n).score != grade_of(out, "ann").score)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(out), change, str(seed)], cwd=Path(__file__).parent
    )
    assert killed.returncode == 9
    assert (out / BEHIND).exists()
    Gradebook(out).settle()
    row = next(line for line in (out / "grades.csv").read_text().splitlines() if line.startswith("ann,"))
    if change == "put":
        assert row.startswith(f"ann,{grade_of(out, 'ann').score:g},")
    else:
        assert "the file is empty" in row
    assert not (out / BEHIND).exists()


def test_the_table_of_a_killed_run_that_left_no_grade(tmp_path: Path) -> None:
    out = tmp_path / "out"
    subprocess.run([sys.executable, "-c", KILLED, str(out), "drop"], cwd=Path(__file__).parent, check=False)
    Gradebook(out).settle()
    assert "\nann,,," in (out / "grades.csv").read_text()


# ---- marks are not lost --------------------------------------------------------------------------------


def test_marks_given_while_a_run_works_are_kept(tmp_path: Path) -> None:
    """As by a copy of the folder that is copied back, or a lock that a network drive does not keep."""
    (tmp_path / "all").mkdir()
    for name in ("ann", "bea"):
        zipped(tmp_path / "all" / f"{name}.zip", {**MODULES, "model.py": name.encode()})
    out = tmp_path / "out"
    list(grade_all(collect([tmp_path / "all"], lab(), out), Scripted(), out))

    class Meanwhile(Scripted):
        """Somebody gives points after the run has read the earlier grade."""

        def grade(self, *arguments: object, **more: object) -> Grade:
            found = super().grade(*arguments, **more)  # type: ignore[arg-type]
            path = out / found.submission / "grade.json"
            path.write_text(grade_of(out, found.submission).with_points({"q2_3": (3, "well")}).to_json())
            return found

    items = collect([tmp_path / "all"], lab(), out)
    done = {d.item.id: d.result for d in grade_all(items, Meanwhile(), out, again=True)}
    for name in ("ann", "bea"):
        written = grade_of(out, name)
        assert (written.question("q2_3").score, written.question("q2_3").comment) == (3, "well")
        assert done[name] == written
        assert f"{written.score:g}" in (out / "grades.csv").read_text()


def give(out: Path, points: float | None, comment: str = "", name: str = "ann", **more: Any) -> list[Mark]:
    book = Gradebook(out)
    kept, refused = book.mark([Wish(name, "q2_3", points, comment, **more)], "Eva")
    assert refused == []
    book.settle()
    return kept


def test_the_latest_marks_win(out: Path) -> None:
    stale = a_grade("ann").with_points({"q2_3": (1, "first")})
    give(out, 1, "first")
    give(out, 2, "second")
    with Gradebook(out) as book:
        assert book.put("ann", stale).question("q2_3").comment == "second"
    assert grade_of(out, "ann").question("q2_3").score == 2


def test_marks_of_another_answer_are_not_carried_on(out: Path) -> None:
    give(out, 2)
    with Gradebook(out) as book:
        book.put("ann", a_grade("ann", answer="another answer"))
    question = grade_of(out, "ann").question("q2_3")
    assert (question.verdict, question.again) == (Verdict.UNGRADED, True)
    with Gradebook(out) as book:
        book.put("ann", a_grade("ann"))
    assert grade_of(out, "ann").question("q2_3").score == 2
    assert [mark.points for mark in Gradebook(out).marks().of("ann", "q2_3")] == [2]


def test_marks_of_another_maximum_are_not_carried_on(out: Path) -> None:
    give(out, 2)
    grade = a_grade("ann")
    wider = [q.model_copy(update={"max_score": 9}) if q.id == "q2_3" else q for q in grade.questions]
    with Gradebook(out) as book:
        book.put("ann", grade.with_results(wider))
    assert grade_of(out, "ann").question("q2_3").again


def test_every_mark_stays(out: Path) -> None:
    give(out, 1)
    give(out, 2, "better")
    give(out, None)
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    marks = Gradebook(out).marks().of("ann", "q2_3")
    assert [mark.points for mark in marks] == [1, 2, None]
    assert [list(mark.replaces) for mark in marks] == [[], [marks[0].id], [marks[1].id]]
    base = sqlite3.connect(out / "marks.sqlite")
    for change in ("UPDATE marks SET points = 4", "DELETE FROM marks"):
        with pytest.raises(sqlite3.IntegrityError, match="a mark is never"):
            base.execute(change)
    base.close()


def test_the_same_mark_again_is_none(out: Path) -> None:
    assert len(give(out, 1, "x")) == 1
    assert give(out, 1, "x") == []


def test_a_mark_replaces_only_what_its_giver_saw(out: Path) -> None:
    (first,) = give(out, 1)
    seen = frozenset({first.id})
    give(out, 2, seen=seen)
    kept, (refused,) = Gradebook(out).mark([Wish("ann", "q2_3", 3, seen=seen)], "Max")
    assert kept == []
    assert refused.why.startswith("marked by someone else meanwhile (q2_3 2 by Eva on ")


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish("zoe", "q2_3", 1), "it has no grade"),
        (Wish("ann", "q9_9", 1), "has no question q9_9"),
        (Wish("ann", "q2_3", 4.5), "4.5 is not between 0 and the maximum, 4"),
        (Wish("ann", "q2_3", -1), "-1 is not between 0"),
        (Wish("ann", "q2_3", float("nan")), "nan is not between 0"),
        (Wish("ann", "q2_3", 1, answer="0" * 64), "the answer is no longer the one that was marked"),
        (Wish("ann", "q2_3", 1, "x" * 30_000), "comment: "),
    ],
)
def test_marks_that_do_not_fit(out: Path, wish: Wish, why: str) -> None:
    kept, refused = Gradebook(out).mark([wish, Wish("bea", "q2_3", 2)], "Eva")
    assert [mark.submission for mark in kept] == ["bea"]
    assert why in refused[0].why


def test_an_override_shows_what_the_checks_said(out: Path) -> None:
    before = grade_of(out, "ann")
    Gradebook(out).mark([Wish("ann", "q2_2", 9.5, "a slip in the data")], "Eva")
    Gradebook(out).settle()
    grade = grade_of(out, "ann")
    question, machine = grade.question("q2_2"), before.question("q2_2")
    assert (question.score, question.verdict, question.comment) == (9.5, Verdict.GRADED, "a slip in the data")
    assert question.marked is not None
    assert question.marked.machine == Machine(score=machine.score, verdict=machine.verdict)
    assert question.checks == machine.checks
    assert grade.score == pytest.approx(before.score - machine.score + 9.5)
    assert not question.written
    assert grade.machine == before


# ---- folders of an earlier convlab ---------------------------------------------------------------------


def test_marks_in_grades_are_taken_over(tmp_path: Path) -> None:
    old = a_grade("ann").with_points({"q2_3": (3, "good"), "q3_1": (0, "")})
    out = write(tmp_path, old, a_grade("bea"))
    assert Gradebook(out).read().grades["ann"].question("q2_3").score == 3
    assert not (out / "marks.sqlite").exists()
    for _ in range(2):
        with Gradebook(out):
            pass
    marks = Gradebook(out).marks().marks
    assert [(mark.question, mark.points, mark.comment) for mark in marks] == [
        ("q2_3", 3, "good"),
        ("q3_1", 0, ""),
    ]
    assert grade_of(out, "ann").question("q2_3").marked is not None
    assert grade_of(out, "ann").score == old.score


def test_a_folder_of_an_earlier_convlab_that_is_copied_in(out: Path) -> None:
    """Its marks are taken over before its grade is written again, whoever is the reason for that."""
    give(out, 1)
    student = Student(id="7")
    old = a_grade("zoe").with_points({"q2_3": (3, "good")}).model_copy(update={"student": student})
    write(out, old)
    Gradebook(out).mark([Wish("7", points=1, comment="ill", kind="extension")], "Eva")
    Gradebook(out).settle()
    assert grade_of(out, "zoe").question("q2_3").comment == "good"
    assert grade_of(out, "zoe").question("q2_3").marked is not None


def test_what_was_taken_over_and_withdrawn_stays_withdrawn(tmp_path: Path) -> None:
    out = write(tmp_path, a_grade("ann").with_points({"q2_3": (3, "good")}))
    old = (out / "ann" / "grade.json").read_bytes()
    give(out, None)
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    (out / "ann" / "grade.json").write_bytes(old)
    with Gradebook(out) as book:
        assert book.put("ann", a_grade("ann")).question("q2_3").verdict is Verdict.UNGRADED


# ---- pages ---------------------------------------------------------------------------------------------


def test_pages_are_written_all_or_none(out: Path) -> None:
    (out / "report.html").mkdir()
    with Gradebook(out) as book, pytest.raises(UsageError, match=r"report\.html cannot be written"):
        book.write_pages({"ann/feedback.html": "x", "report.html": "y"})
    assert not (out / "ann" / "feedback.html").exists()


def test_no_page_is_removed_elsewhere(out: Path) -> None:
    (out.parent / "feedback.html").write_text("kept")
    with Gradebook(out) as book:
        for name in ("..", ".", "ann/../..", "grades.csv"):
            book.remove_page(name)
    assert (out.parent / "feedback.html").exists()
