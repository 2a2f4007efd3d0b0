"""A run that goes on where one ended; lanes that fail; two runs at a time."""

from __future__ import annotations

import csv
import json
import tempfile
import zipfile
from collections.abc import Collection, Generator, Sequence
from concurrent.futures import BrokenExecutor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handed_in import MODULES, foldered, zipped
from harness import lab
from scripted import Scripted, grade_quickly, written

from autograder.batch import Done, Fault, Here, collect, grade_all
from autograder.batch.jobs import Answer
from autograder.batch.lanes import answer_in
from autograder.errors import LabError
from autograder.grade import Grade, Student, Verdict
from autograder.gradebook import Gradebook, timeless
from autograder.grading import GraderError, Options, UsageError
from autograder.submission import Submission


@pytest.fixture
def three(tmp_path: Path) -> Path:
    for name in ("ann", "bea", "cy"):
        zipped(foldered(tmp_path / "all", {}) / f"{name}.zip", {**MODULES, "model.py": name.encode()})
    return tmp_path / "all"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()


def run(
    grader: Scripted, folder: Path, out: Path, lanes: Sequence[Here] | None = None, again: bool = False
) -> dict[str, Done]:
    items = collect([folder], lab(), out)
    return {done.item.id: done for done in grade_all(items, grader, out, lanes, again)}


# ---- going on -----------------------------------------------------------------------------------------


def test_nothing_is_graded_twice(three: Path, tmp_path: Path) -> None:
    out, grader = tmp_path / "out", Scripted()
    first = run(grader, three, out)
    assert grader.asked == ["ann", "bea", "cy"]
    second = run(grader, three, out)
    assert grader.asked == ["ann", "bea", "cy"]
    assert [done.kept for done in (*first.values(), *second.values())] == [False] * 3 + [True] * 3
    assert {name: done.result for name, done in second.items()} == written(out)
    assert not list(out.glob("*/history"))


def test_a_run_that_was_stopped_goes_on(three: Path, tmp_path: Path) -> None:
    out, grader = tmp_path / "out", Scripted()
    stopped = grade_all(collect([three], lab(), out), grader, out)
    next(stopped)
    assert isinstance(stopped, Generator)
    stopped.close()
    run(grader, three, out)
    assert grader.asked == ["ann", "bea", "cy"]


def test_again_grades_all_anew(three: Path, tmp_path: Path) -> None:
    grader = Scripted()
    for again in (False, True):
        run(grader, three, tmp_path / "out", again=again)
    assert grader.asked == ["ann", "bea", "cy"] * 2


def test_work_that_changed_is_graded_anew_and_the_old_grade_kept(three: Path, tmp_path: Path) -> None:
    out, grader = tmp_path / "out", Scripted()
    run(grader, three, out)
    old = written(out)["bea"]
    zipped(three / "bea.zip", {**MODULES, "model.py": b"better"})
    run(grader, three, out)
    assert grader.asked == ["ann", "bea", "cy", "bea"]
    assert Grade.model_validate_json((out / "bea/history/1.json").read_text()) == old


@pytest.mark.parametrize("change", [Options(seed=5), Options(unsafe=True)])
def test_other_options_are_another_grade(three: Path, tmp_path: Path, change: Options) -> None:
    run(Scripted(), three, tmp_path / "out")
    other = Scripted(change)
    run(other, three, tmp_path / "out")
    assert other.asked == ["ann", "bea", "cy"]


@pytest.mark.parametrize("damage", ["", "half", "of another", "no JSON"])
def test_a_grade_that_is_not_whole_is_not_believed(three: Path, tmp_path: Path, damage: str) -> None:
    out, grader = tmp_path / "out", Scripted()
    run(grader, three, out)
    path = out / "ann" / "grade.json"
    text = path.read_text()
    texts = {"half": text[: len(text) // 2], "of another": (out / "bea/grade.json").read_text()}
    path.write_text(texts.get(damage, damage))
    run(grader, three, out)
    assert grader.asked[3:] == ["ann"]
    assert path.read_text() == text


def test_what_a_killed_run_left_is_put_right(three: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(Scripted(), three, out)
    (out / "ann" / ".convlab-part-abc").write_text("half")
    (out / ".convlab-part-abc").write_text("half")
    (out / "ann" / "results.json").unlink()
    (out / "grades.csv").unlink()
    run(Scripted(), three, out)
    assert not list(out.rglob(".convlab-part-*"))
    assert json.loads((out / "ann/results.json").read_text())["score"] == 83
    assert len(list(csv.DictReader((out / "grades.csv").open(newline="")))) == 3


def test_a_student_named_later_costs_no_second_run(three: Path, tmp_path: Path) -> None:
    out, grader = tmp_path / "out", Scripted()
    run(grader, three, out)
    items = [replace(item, student=Student(id="7")) for item in collect([three], lab(), out)]
    assert all(done.kept for done in grade_all(items, grader, out))
    assert written(out)["cy"].student == Student(id="7")


# ---- some questions now, others later ------------------------------------------------------------------


def passed(grade: Grade) -> set[str]:
    return {result.id for result in grade.questions if result.verdict is Verdict.PASSED}


def test_training_is_filled_in_later(three: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(Scripted(Options(training=False)), three, out)
    assert written(out)["ann"].score == 73
    run(Scripted(Options(only=frozenset({"q1_7"}))), three, out)
    assert written(out)["ann"].score == 83
    whole = Scripted()
    run(whole, three, out)
    assert whole.asked == []


def test_a_run_without_training_leaves_the_training_that_is_there(three: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(Scripted(), three, out)
    run(Scripted(Options(training=False)), three, out, again=True)
    assert written(out)["ann"].score == 83


def test_results_of_other_work_are_not_mixed_in(three: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(Scripted(), three, out)
    zipped(three / "ann.zip", {**MODULES, "model.py": b"new"})
    run(Scripted(Options(only=frozenset({"q2_1"}))), three, out)
    assert passed(written(out)["ann"]) == {"q2_1"}
    assert len(passed(written(out)["bea"])) == 11


# ---- faults -------------------------------------------------------------------------------------------


class Faulty(Scripted):
    """Fails at bea's."""

    broken = True

    def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
        if submission.id == "bea" and self.broken:
            raise GraderError("the reference failed")
        return super().grade(submission, questions)


def test_a_fault_of_the_grader_is_one_row(three: Path, tmp_path: Path) -> None:
    grader = Faulty()
    rows = run(grader, three, tmp_path / "out")
    assert rows["bea"].result == "the grader itself failed: the reference failed"
    assert isinstance(rows["bea"].result, Fault)
    assert set(written(tmp_path / "out")) == {"ann", "cy"}
    table = list(csv.DictReader((tmp_path / "out" / "grades.csv").open(newline="")))
    assert table[1]["problem"] == "the grader itself failed: the reference failed"
    grader.broken = False
    run(grader, three, tmp_path / "out")
    assert grader.asked == ["ann", "cy", "bea"]


def test_a_fault_takes_no_grade_away(three: Path, tmp_path: Path) -> None:
    run(Scripted(Options(training=False)), three, tmp_path / "out")
    run(Faulty(Options(only=frozenset({"q1_7"}))), three, tmp_path / "out")
    assert written(tmp_path / "out")["bea"].score == 73


class Mistaken(Scripted):
    """Meets a mistake in the lab at bea's."""

    def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
        if submission.id == "bea":
            raise LabError("hidden/test_q1_1.py:3: NameError")
        return super().grade(submission, questions)


def test_a_mistake_in_the_lab_is_not_called_the_graders(three: Path, tmp_path: Path) -> None:
    rows = run(Mistaken(), three, tmp_path / "out")
    assert rows["bea"].result == Fault("hidden/test_q1_1.py:3: NameError")
    assert isinstance(rows["bea"].result, Fault)
    assert rows["bea"].result.status == 2
    assert set(written(tmp_path / "out")) == {"ann", "cy"}


def test_a_grade_stays_what_it_is_within_one_process(three: Path, tmp_path: Path) -> None:
    made: list[Grade] = []

    class Noted(Scripted):
        def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
            made.append(super().grade(submission, questions))
            return made[-1]

    grader = Noted()
    (submission,) = (item.open(lab()) for item in collect([three / "ann.zip"], lab(), tmp_path / "out"))
    assert Here(grader).submit(submission, grader.selection).result() is made[0]


def test_a_submission_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "ann.zip", MODULES)
    read: list[str] = []
    real = zipfile.ZipFile.open

    def noted(self: zipfile.ZipFile, name: zipfile.ZipInfo, *arguments: Any) -> Any:
        read.append(name.filename)
        return real(self, name, *arguments)

    monkeypatch.setattr(zipfile.ZipFile, "open", noted)
    run(Scripted(), path, tmp_path / "out")
    assert sorted(read) == sorted(set(read))
    assert "model.py" in read


class Dying(Here):
    """A lane whose process dies at bea's so many times."""

    def __init__(self, deaths: int) -> None:
        super().__init__(Scripted())
        self.deaths, self.restarts = deaths, 0

    def submit(self, submission: Submission, questions: Collection[str]) -> Future[Answer]:
        if submission.id == "bea" and self.deaths:
            self.deaths -= 1
            future: Future[Answer] = Future()
            future.set_exception(BrokenExecutor("died"))
            return future
        return super().submit(submission, questions)

    def restart(self) -> None:
        self.restarts += 1


@pytest.mark.parametrize(("deaths", "graded"), [(1, True), (2, False)])
def test_a_worker_that_dies_costs_one_retry(three: Path, tmp_path: Path, deaths: int, graded: bool) -> None:
    lane = Dying(deaths)
    rows = run(Scripted(), three, tmp_path / "out", [lane])
    assert isinstance(rows["bea"].result, Grade) is graded
    assert graded or rows["bea"].result == (
        "the grader itself failed: its worker process died 2 times (out of memory?)"
    )
    assert isinstance(rows["cy"].result, Grade)
    assert lane.restarts == deaths


def test_a_grader_that_cannot_start_stops_all(three: Path, tmp_path: Path) -> None:
    class Unable(Here):
        def submit(self, submission: Submission, questions: Collection[str]) -> Future[Answer]:
            raw: Future[bytes] = Future()
            raw.set_result(b'{"unable": "no sandbox here", "status": 3}')
            return answer_in(raw)

    with pytest.raises(GraderError, match="no sandbox here"):
        run(Scripted(), three, tmp_path / "out", [Unable(Scripted())])


def test_several_lanes_bring_what_one_does(three: Path, tmp_path: Path) -> None:
    grader = Scripted()
    run(grader, three, tmp_path / "1")
    run(grader, three, tmp_path / "2", [Here(grader), Here(grader)])
    one, two = written(tmp_path / "1"), written(tmp_path / "2")
    assert {name: timeless(grade) for name, grade in one.items()} == {
        name: timeless(grade) for name, grade in two.items()
    }


# ---- two runs at a time, a full disk ---------------------------------------------------------------------


def test_a_second_run_is_told_who_holds_the_folder(three: Path, tmp_path: Path) -> None:
    with (
        Gradebook(tmp_path / "out"),
        pytest.raises(UsageError, match=r"in use by process \d+ on .* since 20"),
    ):
        run(Scripted(), three, tmp_path / "out")
    assert len(run(Scripted(), three, tmp_path / "out")) == 3


def test_the_lock_of_a_run_that_ended_holds_nobody(three: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".convlab.lock").write_text('{"process": 1, "host": "x", "since": "y"}')
    assert len(run(Scripted(), three, tmp_path / "out")) == 3


def test_a_results_folder_without_a_table_yet_is_no_submission(three: Path) -> None:
    (three / "results").mkdir()
    (three / "results" / ".convlab.lock").write_text("")
    assert set(grade_quickly(three / "results", three)) == {"ann", "bea", "cy"}


def test_a_full_disk_is_told_and_takes_nothing_away(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, real = tmp_path / "out", tempfile.mkstemp

    def full(*arguments: Any, **more: Any) -> tuple[int, str]:
        if "bea" in str(more["dir"]):
            raise OSError(28, "No space left on device")
        return real(*arguments, **more)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(
        UsageError, match=r"No space left on device\. Files already written are complete; free some space"
    ):
        run(Scripted(), three, out)
    monkeypatch.undo()
    assert set(written(out)) == {"ann"}
    grader = Scripted()
    run(grader, three, out)
    assert grader.asked == ["bea", "cy"]
