"""People's marks withstand two writers at once, kills at random moments, a full disk and a read-only one."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from marks_writers import WRITTEN, a_class, graded, wishes

from autograder.errors import UsageError
from autograder.grade import Grade, Verdict
from autograder.gradebook import Gradebook, Mark, Wish

TESTS = Path(__file__).parent
slow = pytest.mark.slow


def make(out: Path, count: int) -> Path:
    with Gradebook(out) as book:
        for name in a_class(count):
            book.put(name, graded(name, 0))
    return out


class Writer:
    """A process that writes, with all that it has reported so far; started again where it was killed."""

    def __init__(self, log: Path, *words: object) -> None:
        self._log = log
        self._words = [sys.executable, str(TESTS / "marks_writers.py"), *map(str, words)]
        self.kills = 0
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
        with self._log.open("a") as log:
            self._process = subprocess.Popen(self._words, stdout=log, env=environment)

    @property
    def reported(self) -> list[str]:
        """The ids of the marks that it was told are kept; a line that a kill cut short is no report."""
        lines = self._log.read_text().splitlines(keepends=True)
        return [word for line in lines if line.endswith("\n") for word in line.split() if len(word) == 32]

    @property
    def done(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        if not self.done:
            self._process.kill()
            self.kills += 1
        self._process.wait()

    def finish(self) -> None:
        assert self._process.wait(300) == 0


def assert_counts(out: Path, count: int, writers: list[Writer]) -> None:
    """Every reported mark is there, every mark that was wished for once, and the grades have them."""
    with Gradebook(out):
        pass
    marks = Gradebook(out).marks().marks
    ids = Counter(mark.id for mark in marks)
    assert set(ids.values()) == {1}
    assert {word for writer in writers for word in writer.reported} <= set(ids)
    wanted = [wish for who in ("Eva", "Max") for wish in wishes(who, a_class(count))]
    given = Counter((mark.submission, mark.question, mark.points, mark.comment) for mark in marks)
    assert given == Counter((wish.submission, wish.question, wish.points, wish.comment) for wish in wanted)
    for name in a_class(count):
        grade = Grade.model_validate_json((out / name / "grade.json").read_bytes())
        scores = [grade.question(question).score for question in WRITTEN]
        assert scores == [int(name[1:]) % 6] * 2, name
        assert grade.question("q2_3").verdict is Verdict.GRADED
        assert f"\n{name},{grade.score:g}," in (out / "grades.csv").read_text()
    base = sqlite3.connect(out / "marks.sqlite")
    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    base.close()


def two_writers_and_a_run(tmp_path: Path, count: int, kills: int, rounds: int) -> None:
    out = make(tmp_path / "out", count)
    pick = random.Random(count)
    writers = [
        Writer(tmp_path / "eva.txt", "mark", out, "Eva", 0, count),
        Writer(tmp_path / "max.txt", "mark", out, "Max", 0, count),
        Writer(tmp_path / "run.txt", "grade", out, 0, count, rounds),
    ]
    ends = time.monotonic() + 300
    while sum(writer.kills for writer in writers) < kills and time.monotonic() < ends:
        time.sleep(pick.uniform(0.1, 0.7))
        victim = pick.choice(writers)
        victim.kill()
        victim.start()
    for writer in writers:
        writer.finish()
    assert sum(writer.kills for writer in writers) == kills
    assert_counts(out, count, writers)


@pytest.mark.slow
def test_no_mark_is_lost_when_writers_are_killed(tmp_path: Path) -> None:
    two_writers_and_a_run(tmp_path, 40, 3, 2)


@pytest.mark.ci
def test_no_mark_is_lost_in_a_class_of_300_with_20_kills(tmp_path: Path) -> None:
    two_writers_and_a_run(tmp_path, 300, 20, 3)


def test_two_people_who_give_different_points_at_once(tmp_path: Path) -> None:
    """Each replaces only what they saw: one is kept, the other hears of it, and nothing is dropped."""
    out = make(tmp_path / "out", 3)
    names = a_class(3)
    for who, points in (("Eva", 1), ("Max", 2)):
        book = Gradebook(out)
        kept, refused = book.mark([Wish(name, "q2_3", points, seen=frozenset()) for name in names], who)
        assert (len(kept), len(refused)) == ((3, 0) if who == "Eva" else (0, 3))
        assert all("by Eva" in it.why for it in refused)
    assert [mark.points for mark in Gradebook(out).marks().marks] == [1, 1, 1]


@slow
def test_two_people_apply_their_tables_at_once(tmp_path: Path) -> None:
    """As at two terminals; a third regrades meanwhile, and a fourth asks for the pages."""
    out = make(tmp_path / "out", 40)
    header = "submission,question,points,comment\n"
    running = []
    for who, question in zip(("Eva", "Max"), WRITTEN, strict=True):
        rows = "".join(
            f"{w.submission},{question},{w.points:g},{w.comment}\n" for w in wishes(who, a_class(40))
        )
        (tmp_path / f"{who}.csv").write_text(header + rows)
        words = ["written", "apply", str(out), str(tmp_path / f"{who}.csv"), "--as", who]
        running.append(subprocess.Popen([sys.executable, "-m", "autograder.cli", *words]))
    run = Writer(tmp_path / "run.txt", "grade", out, 0, 40, 2)
    assert [process.wait(300) for process in running] == [0, 0]
    run.finish()
    assert_counts(out, 40, [])


# ---- disks -----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 KB, where this system lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    if os.getuid() or not shutil.which("mount") or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def all_or_none(out: Path, batch: list[Wish], before: list[Mark]) -> bool:
    """Give marks where the disk may be full; whether they were kept. Those that were stay."""
    try:
        kept, _ = Gradebook(out).mark(batch, "Eva")
    except UsageError as error:
        told = str(error)
    else:
        before += kept
        return True
    assert "No mark of this command was saved; free some space" in told
    assert Gradebook(out).marks().marks == before
    return False


def test_a_full_disk_keeps_what_it_has(small_disk: Path) -> None:
    out = make(small_disk / "out", 4)
    known: list[Mark] = []
    given = 0
    comment = "x" * 15_000
    while all_or_none(
        out, [Wish(f"s{n:03}", "q2_3", given % 6, f"{given} {comment}") for n in range(4)], known
    ):
        given += 1
        assert given < 100
    assert given
    grades = [Gradebook(out).grade(name) for name in a_class(4)]
    assert [grade and grade.question("q2_3").score for grade in grades] == [(given - 1) % 6] * 4


def test_a_full_disk_pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite reports it, for systems where no small disk can be made."""
    out = make(tmp_path / "out", 4)
    known: list[Mark] = []
    assert all_or_none(out, wishes("Eva", a_class(4)), known)
    real = sqlite3.connect

    def small(*arguments: object, **more: object) -> sqlite3.Connection:
        base = real(*arguments, **more)  # type: ignore[call-overload]
        base.execute("PRAGMA max_page_count = 1")
        assert isinstance(base, sqlite3.Connection)
        return base

    monkeypatch.setattr(sqlite3, "connect", small)
    assert not all_or_none(out, [Wish("s000", "q3_1", 1, "x" * 15_000)], known)
    monkeypatch.undo()
    assert all_or_none(out, [Wish("s000", "q3_1", 1, "x" * 15_000)], known)


def test_a_read_only_disk(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if os.getuid() or not shutil.which("mount") or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("only root can make a disk read-only")
    try:
        out = make(place / "out", 3)
        Gradebook(out).mark(wishes("Eva", a_class(3)), "Eva")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        with pytest.raises(UsageError, match="No mark was saved; make the folder writable"):
            Gradebook(out).mark(wishes("Max", a_class(3)), "Max")
        with pytest.raises(UsageError, match="cannot be written"):
            Gradebook(out).settle()
        scores = [grade.question("q2_3").score for grade in Gradebook(out).read().grades.values()]
        assert scores == [0, 1, 2]
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_database_that_is_none(tmp_path: Path) -> None:
    out = make(tmp_path / "out", 1)
    (out / "marks.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(UsageError, match=r"marks\.sqlite: .*restore a copy"):
        Gradebook(out).read()
