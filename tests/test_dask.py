"""The same over Dask: a real scheduler, and real workers that are unlike, killed, added on the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import on_a_worker
import pytest
import torch
from clusters import Cluster, running
from handed_in import zipped
from harness import lab, reference_sources
from hostile import ATTACKS, KINDS, attack_files, attacked
from interrupts import hears_ctrl_c
from lab_copy import copied
from outcomes import outcome
from random_submissions import handed_in

from autograder.batch import collect, grade_all
from autograder.batch.aside import Helper, HelperDied
from autograder.batch.cluster import remote_lanes
from autograder.batch.crew import Crew, Terms
from autograder.batch.jobs import settings_of
from autograder.grade import Grade
from autograder.grading import Grader, Options, UsageError

pytest.importorskip("distributed")
ONE = Options(only=frozenset({"q2_1"}), device="cpu")
LONG = 240.0
"""Seconds to wait at most for what takes a few on an idle machine."""


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Right, wrong, dying and hanging submissions."""
    files = {f"{name}.py": text.encode() for name, text in reference_sources().items()}
    (tmp_path / "class").mkdir()
    bodies = {1: b"i - 1", 2: b"j - 1"}
    for n in range(10):
        own = files["convolution.py"] + f"\nimport time\ntime.sleep(0.02)  # {n}\n".encode()
        if n % 5 in bodies:
            own = own.replace(bodies[n % 5], b"i")
        own += {3: b"import os\nos._exit(1)\n", 4: b"raise ValueError(1)\n"}.get(n % 5, b"")
        zipped(tmp_path / "class" / f"s{n}.zip", {**files, "convolution.py": own})
    return tmp_path / "class"


@dataclass
class Orders:
    """A crew that counts instead of grading, and what it said."""

    crew: Crew
    said: list[str]
    futures: list[Future[bytes]] = field(default_factory=list)

    def give(self, count: int) -> None:
        for _ in range(count):
            self.futures.append(self.crew.submit(json.dumps(len(self.futures)).encode()))

    def answers(self) -> list[int]:
        return [int(json.loads(future.result(LONG))["fault"]) for future in self.futures]

    def hears(self, *words: str) -> None:
        deadline = time.monotonic() + LONG
        while not any(all(word in line for word in words) for line in [*self.said]):
            assert time.monotonic() < deadline, f"{words} not in {self.said}"
            time.sleep(0.1)


@contextmanager
def counting(cluster: Cluster) -> Iterator[Orders]:
    grader, said = Grader(lab(), ONE), list[str]()
    terms = Terms(settings_of(grader, None), grader.rules, torch.__version__, gpu=False)
    with Crew(cluster.address, terms, on_a_worker.count, said.append, 60) as crew:
        yield Orders(crew, said)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that tests may share, if they leave it as it is."""
    with running(tmp_path_factory.mktemp("cluster"), 2) as cluster:
        yield cluster


def graded_here(warm: Grader, only: frozenset[str], given: Path, out: Path) -> object:
    """What becomes of a class without a cluster."""
    for _ in grade_all(collect([given], lab(), out), warm.variant(only=only), out):
        pass
    return outcome(out)


@pytest.mark.ci
def test_two_killed_workers_cost_no_grade(given: Path, tmp_path: Path, warm: Grader) -> None:
    grader, far = Grader(lab(), ONE), tmp_path / "far"
    with running(tmp_path, 3) as cluster, remote_lanes(cluster.address, grader) as ready:
        run = grade_all(collect([given], lab(), far), grader, far, ready)
        done = [next(run)]
        for worker in cluster.workers[:2]:
            worker.kill()
            done.append(next(run))
        done += run
    assert len(done) == 10
    assert outcome(far) == graded_here(warm, frozenset({"q2_1"}), given, tmp_path / "near")


@pytest.mark.ci
def test_what_student_code_draws_is_the_same_there(
    two_workers: Cluster, tmp_path: Path, warm: Grader
) -> None:
    only = frozenset({"q1_3", "q2_1", "q3_4"})
    grader = Grader(lab(), Options(only=only, device="cpu"))
    folder, far = handed_in(tmp_path / "class"), tmp_path / "far"
    with remote_lanes(two_workers.address, grader) as ready:
        assert len(list(grade_all(collect([folder], lab(), far), grader, far, ready))) >= 20
    assert outcome(far) == graded_here(warm, only, folder, tmp_path / "near")


@pytest.mark.ci
def test_an_attack_gets_its_honest_verdict_there(two_workers: Cluster, tmp_path: Path, warm: Grader) -> None:
    only = frozenset({"q1_1", "q1_3", "q2_2", "q3_3"})
    grader = Grader(lab(), Options(only=only, device="cpu"))
    folder, far = tmp_path / "class", tmp_path / "far"
    folder.mkdir()
    for kind in KINDS:
        files = {name: text.encode() for name, text in attack_files(ATTACKS / kind).items()}
        zipped(folder / f"{kind}.zip", files)
    with remote_lanes(two_workers.address, grader) as ready:
        done = list(grade_all(collect([folder], lab(), far), grader, far, ready))
    assert outcome(far) == graded_here(warm, only, folder, tmp_path / "near")
    for one in done:
        assert isinstance(one.result, Grade), one.result
        for question in one.result.questions:
            module = lab().question(question.id).module
            if question.id in only and module in attacked(ATTACKS / one.item.id):
                assert question.score == 0, f"{one.item.id}: {question.id}"
            elif question.id in only:
                assert question.score == question.max_score, f"{one.item.id}: {question.id}"


@pytest.mark.slow
def test_workers_that_are_unlike_are_named_and_get_no_work(tmp_path: Path) -> None:
    changed = copied(tmp_path / "lab")
    toml = changed / "assignment" / "assignment.toml"
    toml.write_text(toml.read_text("utf-8").replace("cpu_seconds = 10.0", "cpu_seconds = 11.0", 1), "utf-8")
    with running(tmp_path, 1) as cluster:
        cluster.start_worker("no package")
        cluster.start_worker("other torch")
        cluster.start_worker(CONVLAB_ROOT=str(changed))
        with counting(cluster) as orders:
            orders.give(30)
            orders.hears("lacks the package", "pip install", " on ")
            orders.hears("has torch 1.0.0, this machine")
            orders.hears("other checks, probes or points")
            assert orders.answers() == list(range(30))
    assert not any("Traceback" in line for line in orders.said)


@pytest.mark.ci
def test_when_none_may_grade_the_run_ends_and_says_why(given: Path, tmp_path: Path) -> None:
    with running(tmp_path, 0) as cluster:
        cluster.start_worker("no package")
        done = subprocess.run(command(cluster, given, tmp_path), capture_output=True, text=True, timeout=LONG)
    assert done.returncode == 3
    assert "can grade: it lacks the package" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.ci
def test_workers_that_come_later_and_a_scheduler_that_comes_back(tmp_path: Path) -> None:
    with running(tmp_path, 0) as cluster, counting(cluster) as orders:
        orders.give(40)
        orders.hears("no worker has connected")
        cluster.start_worker(TEST_MOMENT="0.5")
        orders.futures[0].result(LONG)
        assert cluster.scheduler is not None
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        orders.hears("is gone")
        cluster.start_scheduler()
        cluster.start_worker()
        orders.hears("is back")
        assert orders.answers() == list(range(40))


@pytest.mark.slow
def test_ctrl_c_ends_without_a_traceback(given: Path, tmp_path: Path) -> None:
    with running(tmp_path, 0) as cluster:  # no worker: it waits until it is interrupted
        process = subprocess.Popen(
            command(cluster, given, tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hears_ctrl_c,
        )
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=LONG)
    assert "no worker has connected" in first
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert "run it again to continue" in rest


def command(cluster: Cluster, given: Path, tmp_path: Path) -> list[str]:
    """`convlab grade` over the cluster."""
    options = ["--out", str(tmp_path / "out"), "--only", "q2_1", "--scheduler", cluster.address]
    return [sys.executable, "-m", "autograder.cli", "grade", str(given), *options]


@pytest.mark.slow
def test_an_address_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.batch import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
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
    told = r"pip install distributed"
    with pytest.raises(UsageError, match=told), remote_lanes("tcp://", Grader(lab(), ONE)):
        pass


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"why": "ModuleNotFoundError: No module named 'autograder.batch'"}, "lacks the package"),
        ({"why": "PackageNotFoundError: torch"}, "no torch"),
        ({"torch": "2.0.0", "rules": "r"}, "has torch 2.0.0, this machine 2.13.0+cpu"),
        ({"torch": "2.13.0", "rules": "s"}, "other checks"),
        ({"torch": "2.13.0", "why": "LabError: no assignment.toml"}, "cannot grade: LabError"),
        ({"torch": "2.13.0+cu128", "rules": "r"}, ""),
    ],
)
def test_what_a_worker_must_be_like(found: dict[str, str], told: str) -> None:
    objection = Terms(b"", "r", "2.13.0+cpu", gpu=False).objection(found)
    assert told in objection
    assert bool(told) == bool(objection)


def test_a_helper_that_is_killed_says_so() -> None:
    helper = Helper()
    helper.close()
    with pytest.raises(HelperDied, match="ended with status -9"):
        helper.perform(b"{}", b"{}")
