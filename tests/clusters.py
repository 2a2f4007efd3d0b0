"""A Dask scheduler and workers as processes of their own, for tests: started, killed, started again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PRELOADED = {
    "no package": """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "autograder":
            raise ModuleNotFoundError(f"No module named {name!r}")

sys.meta_path.insert(0, Missing())
""",
    "other torch": """
import importlib.metadata as metadata

usual = metadata.version
metadata.version = lambda name: "1.0.0" if name == "torch" else usual(name)
""",
    "": "",
}
"""What a worker is that is not like this machine: the text of a module that it loads first."""


def free_port() -> int:
    """A port that nothing uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@dataclass
class Cluster:
    """The processes, and where the scheduler listens."""

    folder: Path
    port: int = field(default_factory=free_port)
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return f"tcp://127.0.0.1:{self.port}"

    def _started(self, name: str, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{name}", *arguments, "--no-dashboard"]
        log = (self.folder / f"{name}-{time.monotonic_ns()}.log").open("wb")
        path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
        settings = {**os.environ, "PYTHONPATH": path, **environ}
        return subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=settings)

    def start_scheduler(self) -> None:
        """Start it, and wait until it listens."""
        self.scheduler = self._started("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.scheduler.poll() is None, "the scheduler did not start"
            time.sleep(0.1)
        raise AssertionError("the scheduler does not listen")

    def start_worker(self, kind: str = "", **environ: str) -> subprocess.Popen[bytes]:
        """Start a worker with one thread that nothing restarts; `kind` is one of PRELOADED."""
        preload = self.folder / f"preload-{len(self.workers)}.py"
        preload.write_text(PRELOADED[kind], "utf-8")
        options = ["--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--preload", str(preload)]
        worker = self._started("dask_worker", self.address, *options, **environ)
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        """End all of them."""
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            process.kill()
            process.wait()


@contextmanager
def running(folder: Path, workers: int) -> Iterator[Cluster]:
    """A scheduler and so many workers like this machine."""
    cluster = Cluster(folder)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.close()
