"""A time-out names the line where the code was, in the same words at the student's end and the grader's."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from harness import lab, reference_sources
from tries import in_ci_but, params

from autograder.checking.notebook import Notebook
from autograder.grading import Grader, Options
from autograder.handin import packing
from autograder.release.sources import cut_lab
from autograder.release.student import student_files
from autograder.submission import Submission
from autograder.timeouts import TimedOut, TimeLimit, Watch

WAITING, COMPUTING = TimeLimit(2, 20), TimeLimit(60, 0.5)
pytestmark = pytest.mark.slow

HANGS = {
    "computes": (
        COMPUTING,
        "def build_model():\n    while True: pass\n",
        "Used more than 0.5 s of CPU time\nmodel.py, line 2, in build_model: while True: pass",
    ),
    "waits": (
        WAITING,
        "import time\ndef build_model():\n    time.sleep(600)\n",
        "model.py, line 3, in build_model: time.sleep(600)",
    ),
    "goes on after exceptions": (
        WAITING,
        "import time\ndef build_model():\n    try: time.sleep(600)\n    except Exception: build_model()\n",
        "model.py, line 3, in build_model: try: time.sleep(600)",
    ),
    "at import": (
        WAITING,
        "import time\ndef wait():\n    time.sleep(600)\nwait()\ndef build_model():\n    pass\n",
        "model.py could not be loaded within 2 s, or within 20 s of CPU time\n"
        "model.py, line 3, in wait: time.sleep(600)",
    ),
}


Change = Callable[[str, TimeLimit], object]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Writes model.py in a student's folder, the working directory, and how long its code may take there."""
    files = student_files(cut_lab(lab()), b"{}")
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    monkeypatch.chdir(tmp_path)

    def change(text: str, limit: TimeLimit) -> None:
        (tmp_path / "model.py").write_text(text)
        facts = {**json.loads(files["lab06/facts.json"]), "limits": asdict(limit)}
        (tmp_path / "lab06" / "facts.json").write_text(json.dumps(facts))
        # The lab's package that is imported is not the one in the folder.
        monkeypatch.setattr("autograder.checking.handout.Handout.limit", limit)

    return change


@pytest.mark.parametrize("name", in_ci_but(3, HANGS))
def test_in_the_same_words_everywhere(write: Change, warm: Grader, name: str) -> None:
    limit, text, told = HANGS[name]
    write(text, limit)
    here = {outcome.text for outcome in Notebook("lab06.ipynb").check("q1_1").outcomes}
    assert len(here) == 1
    assert here.copy().pop().endswith(told)
    limits = lab().limits.model_copy(update=asdict(limit))
    options = Options(training=False, device="cpu", diagnose=False, only=frozenset({"q1_1"}))
    grader = Grader(lab().model_copy(update={"limits": limits}), options, warm.warm)
    grade = grader.grade(Submission("someone", {**reference_sources(), "model": text}))
    checks = grade.question("q1_1").checks
    assert {_without_cpu(c.message) for c in checks if c.visibility == "visible"} == set(
        map(_without_cpu, here)
    )
    hidden = {c.message for c in checks if c.visibility != "visible"}
    file, _, line = told.rpartition("\n")[2].partition(", in ")
    assert all(f"{file}:{line.partition(':')[2]}" in message for message in hidden), hidden
    assert any("could not be loaded" in message for message in hidden) == (name == "at import")


def _without_cpu(message: str) -> str:
    return re.sub(r"\([\d.]+ s of", "(... s of", message)


@pytest.mark.parametrize("ci", in_ci_but(2, params({"in CI": True, "at home": False})))
def test_pytest_says_the_same_and_goes_on(write: Change, ci: bool) -> None:
    limit, text, hung = HANGS["at import"]
    write(text, limit)
    # Where CI is set, as it is on GitHub Classroom, pytest's short summary repeats each message in full.
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "CI")}
    if ci:
        environment["CI"] = "true"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "q1_1 or q1_3"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout.count(hung) == 3
    assert "Not implemented yet: open training.py" in done.stdout


def test_submit_names_the_line_where_an_import_hangs(write: Change) -> None:
    limit, text, hung = HANGS["at import"]
    write(text, limit)
    told: list[str] = []
    packing.main(Path.cwd(), told.append)
    (problem,) = [text for text in told if "model.py could" in text]
    assert problem == "PROBLEM  " + hung.replace("\n", ": ")


@pytest.mark.ci
def test_a_module_that_hangs_costs_the_others_nothing(write: Change) -> None:
    write(reference_sources()["model"], TimeLimit(5, 5))
    Path("training.py").write_text(f"{reference_sources()['training']}\nimport time\ntime.sleep(600)\n")
    grader = Notebook("lab06.ipynb")
    assert grader.check("q1_1").grade == 1
    assert repr(grader.check("q1_5")).count("time.sleep(600)") == 1


def test_what_is_in_time_is_left_alone() -> None:
    with Watch(TimeLimit(60, 60), ()):
        assert sum(range(10)) == 45
    with Watch(TimeLimit(0, 0), ()) as watch:
        pass
    assert watch


def test_ctrl_c_stays_what_it_is() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    try:
        with pytest.raises(KeyboardInterrupt), Watch(TimeLimit(60, 60), ()):
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_elsewhere_than_in_the_main_thread_nothing_is_stopped() -> None:
    seen: list[int] = []

    def work() -> None:
        with Watch(TimeLimit(0.1, 0.1), ()):
            time.sleep(0.3)
            seen.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [1]


def test_nothing_is_stopped_in_a_debugger() -> None:
    code = compile("import time\ntime.sleep(0.5)\n", "/usr/lib/python3/bdb.py", "exec")
    with Watch(TimeLimit(0.1, 0.1), ()):
        exec(code)


def test_code_that_takes_everything_for_an_error_is_stopped_when_it_ends() -> None:
    with pytest.raises(TimedOut), Watch(TimeLimit(0.1, 60), ()), contextlib.suppress(BaseException):
        time.sleep(600)
