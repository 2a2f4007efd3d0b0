"""How many trainings use the GPU at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner
from harness import lab, reference_sources

from autograder.cli import main
from autograder.errors import OptionError
from autograder.grading import Grader, Options, grader
from autograder.grading.slots import Slots
from autograder.submission import Submission

FORK = multiprocessing.get_context("forkserver")


def held(folder: Path, marks: Path, go: Path) -> None:
    """Take one of two places, leave a mark while it is held: until `go` is there, and a moment longer."""
    with Slots(2, folder).one():
        mark = marks / str(os.getpid())
        mark.touch()
        while not go.exists():
            time.sleep(0.01)
        time.sleep(0.1)
        mark.unlink()


@pytest.mark.slow
def test_no_more_than_so_many_at_a_time(tmp_path: Path) -> None:
    marks, go = tmp_path / "marks", tmp_path / "go"
    marks.mkdir()
    processes = [FORK.Process(target=held, args=(tmp_path / "slots", marks, go)) for _ in range(5)]
    for process in processes:
        process.start()
    most, taken = 0, 0.0
    while any(process.is_alive() for process in processes):
        most = max(most, len(list(marks.iterdir())))
        taken = taken or (time.monotonic() if most > 1 else 0.0)
        if taken and time.monotonic() > taken + 1:  # time enough for a third to come in, if it could
            go.touch()
        time.sleep(0.01)
    assert [process.exitcode for process in processes] == [0] * 5
    assert most == 2


@pytest.mark.slow
def test_a_killed_process_holds_no_place(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    processes = [
        FORK.Process(target=held, args=(tmp_path / "slots", marks, tmp_path / "never")) for _ in range(2)
    ]
    for process in processes:
        process.start()
    while len(list(marks.iterdir())) < 2:
        time.sleep(0.01)
    os.kill(processes[0].pid or 0, signal.SIGKILL)
    with Slots(2, tmp_path / "slots").one():
        pass
    processes[1].kill()


def test_a_folder_that_somebody_else_laid_out_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="link is not a folder of this user"):
        Slots(1, tmp_path / "link")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Slots(1, tmp_path / "file")


class Recorded:
    """Places that note when they were taken and freed."""

    events: ClassVar[list[str]] = []

    def __init__(self, count: int) -> None:
        self.events.append(f"{count} places")

    @contextmanager
    def one(self) -> Iterator[None]:
        self.events.append("taken")
        yield
        self.events.append("freed")


@pytest.mark.slow
def test_a_place_is_held_for_the_training_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader, "Slots", Recorded)
    monkeypatch.setattr(Recorded, "events", [])
    monkeypatch.setattr(Grader, "device", "cuda")
    submission = Submission("someone", dict(reference_sources()))
    only = frozenset({"q1_7", "q2_2"})
    with Grader(lab(), Options(only=only, device="cuda", gpu_slots=3)) as ready:
        ready.grade(submission, ["q2_2"])
        assert Recorded.events == ["3 places"]
        ready.grade(submission, ["q1_7"])
    taken = Recorded.events[1:]
    assert taken == ["taken", "freed"] * (len(taken) // 2)
    assert taken


def test_on_the_cpu_there_are_no_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader, "Slots", Recorded)
    monkeypatch.setattr(Recorded, "events", [])
    Grader(lab(), Options(device="cpu", gpu_slots=3)).verify()
    assert Recorded.events == []


def test_places_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Grader, "device", "cuda")
    (tmp_path / f"convlab-gpu-{os.getuid()}").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(OptionError, match=r"slots: .*convlab-gpu-") as error:
        Grader(lab(), Options(device="cuda", gpu_slots=3)).verify()
    assert error.value.options == ("gpu_slots",)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--device", "cpu"], "--gpu-slots: no GPU is used with --device cpu"),
        (["--scheduler", "tcp://127.0.0.1:1"], "--gpu-slots: does not go with --scheduler; set"),
    ],
)
def test_options_that_do_not_go_together(more: list[str], told: str, tmp_path: Path) -> None:
    given = tmp_path / "class" / "one"
    given.mkdir(parents=True)
    (given / "model.py").write_text("")
    arguments = ["grade", str(given.parent), "--out", str(tmp_path / "out"), "--gpu-slots", "2", *more]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert told in result.output
