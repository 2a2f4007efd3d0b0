"""The zygote: a clean process that has imported torch and forks a locked-down child per request.

Started by exec, with an empty environment and no descriptor but its channel. It holds no secret, runs no student
code and no parallel region. It is asked in small JSON messages; a child's own socket and output pipe come
with the request as descriptors.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from typing import Any

USUAL = (
    *("array", "bisect", "cmath", "collections", "collections.abc", "contextlib", "copy", "dataclasses", "enum"),
    *("fractions", "functools", "heapq", "inspect", "io", "itertools", "json", "logging", "math", "numbers"),
    *("operator", "pathlib", "random", "re", "statistics", "string", "time", "timeit", "types", "typing", "warnings"),
    *("numpy", "numpy.fft", "numpy.linalg", "numpy.random", "numpy.lib.stride_tricks", "typing_extensions"),
    *("torch.nn.functional", "torch.nn.utils", "torch.nn.init", "torch.utils.data", "torch.utils.checkpoint"),
    *("torch.fft", "torch.linalg", "torch.func", "torch.autograd.functional", "torch.optim.lr_scheduler", "tqdm"),
)
"""What students commonly import, here or deep inside torch: loaded once, shared by all children."""


def main(channel: int) -> None:
    """Prepare as the first message says, answer it, then serve until the channel closes."""
    line = socket.socket(fileno=channel)
    order = json.loads(line.recv(1 << 20))
    try:
        zygote = Zygote(line, order)
    except Exception:
        line.send(json.dumps({"error": traceback.format_exc(limit=-3)}).encode())
        return
    zygote.serve()


class Zygote:
    """The fork server. `order` tells what to preload and how strict to be."""

    def __init__(self, line: socket.socket, order: dict[str, Any]) -> None:
        self.line = line
        self.preloaded = order["preload"]
        _preload(order["preload"], order["search_path"])
        threads = len(os.listdir("/proc/self/task"))
        if threads != 1:
            raise RuntimeError(f"the zygote has {threads} threads after its imports; one is needed to fork safely")
        gc.collect()
        gc.freeze()
        self._send({"isolation": ["rlimits"], "missing": {}, "size": _address_space()})

    def _send(self, answer: dict[str, Any]) -> None:
        self.line.send(json.dumps(answer).encode())

    def serve(self) -> None:
        """Fork and reap on request."""
        while True:
            text, descriptors, _, _ = socket.recv_fds(self.line, 1 << 20, 2)
            if not text:
                return
            order = json.loads(text)
            if "reap" in order:
                self._send(_reap(order["reap"]))
            else:
                self._send({"pid": self._fork(order, descriptors)})

    def _fork(self, order: dict[str, Any], descriptors: Sequence[int]) -> int:
        pid = os.fork()
        if pid == 0:
            _become_child(self.preloaded, order, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        return pid


def _preload(names: Sequence[str], search_path: Sequence[str]) -> None:
    import torch

    torch.set_num_threads(1)
    sys.path[:0] = search_path
    for name in names:
        importlib.import_module(name)
    del sys.path[: len(search_path)]
    for name in USUAL:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    parameter = torch.nn.Parameter(torch.zeros(2))
    parameter.grad = torch.ones(2)
    torch.optim.RMSprop([parameter]).step()  # the first optimizer imports torch._dynamo, 1.5 CPU s


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()


def _reap(pid: int) -> dict[str, Any]:
    os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return {"status": status, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * 1024}


def _become_child(preloaded: Sequence[str], order: dict[str, Any], descriptors: Sequence[int]) -> None:
    try:
        from autograder.sandbox.worker import CHANNEL, Worker

        os.setsid()
        channel, output = descriptors
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(channel, CHANNEL)
        os.closerange(CHANNEL + 1, 4096)
        for name, value in order["rlimits"].items():
            resource.setrlimit(getattr(resource, name), tuple(value))
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)
        worker = Worker(preloaded)
        worker.send("hello", "", {"uid": os.getuid()})
        worker.serve()
    finally:
        os._exit(0)
