"""The zygote: a clean process that has imported torch and forks a locked-down child per request.

It exists for speed and for cleanliness. Importing torch takes 2 CPU seconds, and a fork of a process that
has done so takes some hundredths; a fork of the grader itself would hand its memory, with references and
scores in it, to student code. So the zygote is started by exec, with an empty environment and no descriptor
but its channel, holds no secret and never runs student code. It is asked in small JSON messages; a child's
own socket and output pipe come with the request as descriptors.

The order of its start matters. First all imports, what students commonly import among them: a child may not
be able to read the library later. (torch._dynamo and sympy, 70 MB, wait for a child that asks for them, as
long as it can.) Then it makes sure that it has one thread: a fork copies only the thread that forks, and
locks that others hold would stay locked in the child for ever, so no parallel region may have run. Then its
own walls (`confine`), since namespaces and Landlock, once up, hold for all children at no further cost. Then
it ties its life to the grader's and becomes undumpable, so that none of its children can read its memory. At
last it freezes the garbage collector, because a collection in a child would touch, and so copy, every page
that they share. Where many children are asked for, its memory moves into large pages (`MANY`).

A child is forked, takes its two descriptors and closes all others, locks itself down (`confine.lock_down`),
and only then greets the grader. The grader checks with the kernel what it got (`verify`), and sends the
sources last: no student byte is in the process before every wall is up.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import randomness
from autograder.sandbox import linux
from autograder.sandbox.confine import ChildSpec, Confinement, bind_to_parent, lock_down
from autograder.sandbox.worker import CHANNEL, Worker

_ROOT = Path(__file__).resolve().parents[2]
_INSTALLED = _ROOT.name in {"site-packages", "dist-packages"}
"""Whether the grader is among other packages: these stay in use, and the grader's own part is hidden."""

USUAL = """
array bisect cmath collections collections.abc contextlib copy dataclasses decimal enum fractions functools
heapq inspect io itertools json logging math numbers operator pathlib pprint random re statistics string
textwrap time timeit types typing typing_extensions unittest unittest.mock warnings
numpy numpy.fft numpy.linalg numpy.random numpy.lib.stride_tricks
torch.autograd.functional torch.fft torch.func torch.linalg torch.nn.functional torch.nn.init torch.nn.utils
torch.optim.lr_scheduler torch.utils.checkpoint torch.utils.data
"""
"""What students commonly import, here or deep inside torch: loaded once, shared by all children."""
LATE = "sympy torch._inductor.config"
"""What torch imports for a few functions only: gradcheck, jacrev, use_deterministic_algorithms, compile."""

MANY = 50
"""After so many forks a class is being graded, and it pays to put the zygote's memory into large pages.

A child takes a third less CPU time from then on, as `benchmarks/sandbox.py` shows: a fork copies the page
tables, and large pages need few of them. To put them together takes tenths of a second, more than a single
submission gains by it.
"""


def main(channel: int) -> None:
    """Prepare as the first message says, answer it, then serve until the channel closes."""
    line = socket.socket(fileno=channel)
    order = json.loads(line.recv(1 << 20))
    try:
        server = ForkServer(line, order)
    except ImportError as error:
        hint = (
            f"the sandbox sees only packages of {sys.executable} itself, no PYTHONPATH and no user packages"
        )
        line.send(json.dumps({"error": f"could not start: {error}; {hint}"}).encode())
        return
    except Exception:
        line.send(json.dumps({"error": f"could not start: {traceback.format_exc(limit=-3)}"}).encode())
        return
    server.serve()


class ForkServer:
    """Forks and reaps children. `order` says what to preload and which layers to leave out."""

    def __init__(self, line: socket.socket, order: dict[str, Any]) -> None:
        self.line = line
        self.preloaded = [*order["preload"], "autograder.sandbox.selftest"]
        gc.disable()  # imports leave next to no garbage, and each collection goes through all of torch
        _preload(self.preloaded, order["search_path"])
        _warm_up()
        for name in order["preload"]:
            getattr(sys.modules[name], "warm_up", _nothing)()
        randomness.install()
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
        if threads != 1:
            raise RuntimeError(
                f"the zygote has {threads} threads after its imports; only with one is a fork safe"
            )
        self._size = _address_space()
        self._memory = linux.own_memory()  # there is no /proc to read it from after the next step
        secret = [Path(path) for path in _apart(order["search_path"])]
        self.confinement = Confinement(_ROOT, secret, Path(order["empty"]), order["without"], self._load_rest)
        bind_to_parent(order["parent"])
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
        gc.freeze()
        gc.enable()
        layers = self.confinement.layers
        answer = {
            "isolation": layers.names(),
            "missing": layers.off,
            "drops_user": self.confinement.drops_user,
        }
        os.dup2(0, 2)
        self._send({**answer, "size": self._size})

    def _load_rest(self) -> None:
        """Load what torch imports late, 70 MB, where no library can be read any more."""
        for name in LATE.split():
            importlib.import_module(name)
        self._size = _address_space()

    def _send(self, answer: dict[str, Any]) -> None:
        self.line.send(json.dumps(answer).encode())

    def serve(self) -> None:
        """Fork and reap on request."""
        while True:
            text, descriptors, _, _ = socket.recv_fds(self.line, 1 << 20, 2)
            if not text:
                return
            try:
                self._send(self._done(json.loads(text), descriptors))
            except OSError as error:
                why = "again" if error.errno in (errno.EAGAIN, errno.ENOMEM) else "error"
                self._send({why: f"could not do as asked: {error}"})

    def _done(self, order: dict[str, Any], descriptors: Sequence[int]) -> dict[str, Any]:
        if "reap" in order:
            return _reap(order["reap"], order["patience"])
        if self.confinement.user_count == MANY:
            linux.in_large_pages(self._memory)
        user = self.confinement.next_user()
        wanted = ChildSpec(
            user, order["rlimits"], order["accelerator"], order["gpus"], self.confinement.without
        )
        try:
            pid = self.confinement.fork()
            if pid == 0:
                _become_child(self.preloaded, wanted, descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return {"pid": pid, "user": user}


def _apart(search_path: Sequence[str]) -> list[str]:
    """The folders that are hidden as a whole: all that is searched, but for installed packages."""
    return [path for path in search_path if not (_INSTALLED and path == str(_ROOT))]


def _preload(names: Sequence[str], search_path: Sequence[str]) -> None:
    import torch

    torch.set_num_threads(1)
    sys.path[:0] = search_path
    for name in names:
        importlib.import_module(name)
    apart = _apart(search_path)
    sys.path[:] = [entry for entry in sys.path if entry not in apart and Path(entry).is_dir()]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
    sys.path_importer_cache.clear()
    for name in USUAL.split():
        try:
            importlib.import_module(name)
        except ImportError:
            continue


def _warm_up() -> None:
    """Let torch import what its first optimizer needs, without a backward pass, and without torch._dynamo."""
    import torch

    from autograder.eager import without_dynamo

    without_dynamo()
    parameter = torch.nn.Parameter(torch.zeros(2))
    parameter.grad = torch.ones(2)
    torch.optim.RMSprop([parameter]).step()


def _nothing() -> None:
    """What most modules need to be ready."""


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def _reap(pid: int, patience: float) -> dict[str, Any]:
    """End a child, after `patience` seconds for it to end by itself."""
    deadline = time.monotonic() + patience
    while (ended := os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is None:
        if time.monotonic() >= deadline:
            break
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return {"status": status, "killed": ended is None, "cpu": usage.ru_utime + usage.ru_stime}


def _become_child(preloaded: Sequence[str], order: ChildSpec, descriptors: Sequence[int]) -> None:
    """Be a child until the channel closes; never return."""
    status = 70
    try:
        os.setsid()
        _keep_only(descriptors)
        if order.accelerator:
            _show_gpus(order.gpus)
        worker = Worker(preloaded)
        worker.greet(lock_down(order))
        worker.serve()
        status = 0
    finally:
        os._exit(status)


def _show_gpus(names: str | None) -> None:
    """Undo what hid the GPUs from the zygote: a process that has met CUDA cannot fork."""
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    if names is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = names


def _keep_only(descriptors: Sequence[int]) -> None:
    """Nothing but /dev/null as 0, the output as 1 and 2 and the channel."""
    channel, output = descriptors
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(channel, CHANNEL)
    linux.close_from(CHANNEL + 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
