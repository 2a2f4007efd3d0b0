"""The same over Dask: a real scheduler, two worker processes, one of them killed on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from handed_in import zipped
from harness import lab, reference_sources
from outcomes import outcome
from random_submissions import handed_in

from autograder.batch import collect, grade_all
from autograder.batch.aside import Helper, HelperDied
from autograder.batch.cluster import remote_lanes
from autograder.grading import Grader, Options, UsageError

distributed = pytest.importorskip("distributed")
ONE = Options(only=frozenset({"q2_1"}), device="cpu")


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Submissions that take a moment each, for every probe loads them: one is always being graded."""
    files = {f"{name}.py": text.encode() for name, text in reference_sources().items()}
    (tmp_path / "class").mkdir()
    for n in range(4):
        own = files["convolution.py"] + f"\nimport time\ntime.sleep(0.02)  # {n}\n".encode()
        own = own.replace(b"i - 1", b"i") if n % 3 == 1 else own
        zipped(tmp_path / "class" / f"s{n}.zip", {**files, "convolution.py": own})
    return tmp_path / "class"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address, and two workers with one thread each that nobody starts anew."""
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "distributed.cli"]
    scheduler = [f"{dask[-1]}.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    worker = [f"{dask[-1]}.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    commands = [scheduler, worker, worker]
    local = ["--scheduler-file", str(file)]
    processes = [
        subprocess.Popen([*dask[:-1], *command, *local], cwd=tmp_path, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        while not file.exists():
            assert processes[0].poll() is None
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        with distributed.Client(address, timeout="120 s") as client:
            client.wait_for_workers(2, timeout=120)
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_killed_worker_costs_no_grade(
    given: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, workers = cluster
    grader, far, near = Grader(lab(), ONE), tmp_path / "far", tmp_path / "near"
    with remote_lanes(address, grader) as ready:
        run = grade_all(collect([given], lab(), far), grader, far, ready)
        done = [next(run)]
        workers[0].kill()
        done += run
    assert len(done) == 4
    with grader:
        for _ in grade_all(collect([given], lab(), near), grader, near):
            pass
    assert outcome(far) == outcome(near)


@pytest.mark.slow
def test_what_student_code_draws_is_the_same_there(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    grader = Grader(lab(), Options(only=frozenset({"q1_3", "q2_1", "q3_4"}), device="cpu"))
    folder, far, near = handed_in(tmp_path / "class"), tmp_path / "far", tmp_path / "near"
    with remote_lanes(cluster[0], grader) as ready:
        assert len(list(grade_all(collect([folder], lab(), far), grader, far, ready))) >= 20
    with grader:
        for _ in grade_all(collect([folder], lab(), near), grader, near):
            pass
    assert outcome(far) == outcome(near)


def test_an_address_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.batch import cluster

    monkeypatch.setattr(cluster, "PATIENCE", "1 s")
    for address in ("tcp://127.0.0.1:1", "127.0.0.1:1"):
        told = f"--scheduler {address}: cannot be reached"
        with pytest.raises(UsageError, match=told), remote_lanes(address, Grader(lab(), ONE)):
            pass
    for address in ("no address at all", "localhost", "tcp://localhost"):
        told = f"--scheduler {address}: not an address such as tcp://HOST:8786"
        with pytest.raises(UsageError, match=told), remote_lanes(address, Grader(lab(), ONE)):
            pass


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = r"pip install 'convlab\[dask\]'"
    with pytest.raises(UsageError, match=told), remote_lanes("tcp://", Grader(lab(), ONE)):
        pass


def test_a_helper_that_is_killed_says_so() -> None:
    helper = Helper()
    helper.close()
    with pytest.raises(HelperDied, match="ended with status -9"):
        helper.perform(b"{}", b"{}")
