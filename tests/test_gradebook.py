"""The gradebook: one writer at a time, marks that no run loses, pages beside the grades they are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from handed_in import MODULES, zipped
from harness import lab
from made_up_class import a_grade, write
from scripted import Scripted

from autograder.batch import collect, grade_all
from autograder.cli import main
from autograder.errors import UsageError
from autograder.grade import Grade, Verdict
from autograder.gradebook import Gradebook
from autograder.gradebook.names import LOCK

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


@pytest.mark.parametrize("command", ["written apply OUT CSV", "written collect OUT", "report OUT"])
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
        assert convlab("written", "apply", out, filled).exit_code == 2
    assert convlab("written", "apply", out, filled).exit_code == 0
    assert grade_of(out, "ann").question("q2_3").score == 3.5


def test_nothing_is_changed_without_the_lock(out: Path) -> None:
    before = contents(out)
    book = Gradebook(out)
    with pytest.raises(RuntimeError, match="without its lock"):
        book.put("ann", a_grade("ann", seed=1))
    with pytest.raises(RuntimeError, match="without its lock"):
        book.give({"ann": {"q2_3": (1, "")}}, IDS)
    with pytest.raises(RuntimeError, match="without its lock"):
        book.write_pages({"report.html": ""})
    with pytest.raises(RuntimeError, match="without its lock"):
        book.remove_page("ann")
    assert contents(out) == before


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


def test_the_latest_marks_win(out: Path) -> None:
    with Gradebook(out) as book:
        stale = book.read().grades["ann"].with_points({"q2_3": (1, "first")})
        book.give({"ann": {"q2_3": (2, "second")}}, IDS)
        assert book.put("ann", stale).question("q2_3").comment == "second"
    assert grade_of(out, "ann").question("q2_3").score == 2


def test_marks_of_another_answer_are_not_carried_on(out: Path) -> None:
    with Gradebook(out) as book:
        book.give({"ann": {"q2_3": (2, "")}}, IDS)
        book.put("ann", a_grade("ann", answer="another answer"))
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED


def test_what_marks_replace_goes_into_history(out: Path, filled: Path) -> None:
    before = grade_of(out, "ann")
    assert convlab("written", "apply", out, filled).exit_code == 0
    filled.write_text(FILLED.replace("3.5", "2"))
    first = grade_of(out, "ann")
    assert convlab("written", "apply", out, filled).exit_code == 0
    history = [Grade.model_validate_json((out / f"ann/history/{n}.json").read_bytes()) for n in (1, 2)]
    assert history == [before, first]
    assert not (out / "bea" / "history").exists()


def test_marks_for_who_has_no_grade(out: Path) -> None:
    with Gradebook(out) as book, pytest.raises(KeyError):
        book.give({"nobody": {"q2_3": (2, "")}}, IDS)


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
