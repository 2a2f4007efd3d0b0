"""The child's own work: wait for a call, run it beside the student's modules, answer with plain values."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from autograder import randomness
from autograder.modules import Failure, Modules
from autograder.sandbox import wire
from autograder.sandbox.confine import Layers
from autograder.values import Value

CHANNEL = 3
ASK = signal.SIGUSR1
"""Makes a child write its frames into the channel, whatever it is doing: see `Child._place`."""
_NO_MEMORY = ("can't allocate memory", "cannot allocate memory", "out of memory")


class Worker:
    """Answers calls on the channel until it closes. It only runs functions of `preloaded` modules."""

    def __init__(self, preloaded: Sequence[str]) -> None:
        self.preloaded = frozenset(preloaded)
        self.modules = Modules({})
        self._stretch = ""
        self._streams = (sys.stdout, sys.stderr)

    def serve(self) -> None:
        """Read and answer one frame after another."""
        faulthandler.register(ASK, file=CHANNEL, all_threads=False)
        while (message := wire.receive(_read_into)) is not None:
            match message.kind, message.value:
                case "sources", dict(sources):
                    self.modules = Modules({name: str(text) for name, text in sources.items()})
                    self.send("value", message.nonce, None)
                case "call", {"target": str(target), "arguments": dict(arguments), "setting": dict(setting)}:
                    self._prepare(setting)
                    self._answer(message.nonce, target, arguments)

    def greet(self, layers: Layers) -> None:
        """Say who this is now: user, process number and layers, as the system tells them."""
        groups: list[Value] = [os.getgid(), *os.getgroups()]
        off: dict[str, Value] = {**layers.off}
        self.send("hello", "", {"user": os.getuid(), "groups": groups, "pid": os.getpid(), "off": off})

    def send(self, kind: str, nonce: str, value: Value) -> None:
        """Send one frame."""
        wire.through(wire.encode(wire.Message(kind, nonce, value)), _write)

    def _prepare(self, setting: Mapping[str, Any]) -> None:
        """What a call finds depends on no call of an earlier stretch, what it draws on no other at all."""
        if setting["stretch"] != self._stretch:
            self._stretch = setting["stretch"]
            self.modules.forget()
            restore_torch()
        self.modules.given = setting["given"]
        randomness.begin(setting["seed"])

    def _answer(self, nonce: str, target: str, arguments: Mapping[str, Value]) -> None:
        try:
            with self.modules as modules:
                pieces, failure = self._run(modules, nonce, target, arguments)
        except BaseException as error:
            self.modules = Modules(self.modules.sources)  # student code has tampered with them
            pieces, failure = [], self.modules.failure(error)
        self._flush()
        if failure is None:
            wire.through(pieces, _write)
        else:
            self.send("failure", nonce, _plain(failure))

    def _run(
        self, modules: Modules, nonce: str, target: str, arguments: Mapping[str, Value]
    ) -> tuple[list[bytes | memoryview], Failure | None]:
        try:
            value = self._function(target)(modules, **arguments)
            return wire.encode(wire.Message("value", nonce, value)), None
        except BaseException as error:
            return [], _with_memory(modules.failure(error))

    def _function(self, target: str) -> Any:
        module, _, name = target.partition(":")
        if module not in self.preloaded or not callable(getattr(sys.modules[module], name, None)):
            raise LookupError(f"{target} is no function of a preloaded module")
        return getattr(sys.modules[module], name)

    def _flush(self) -> None:
        for stream in {id(s): s for s in (*self._streams, sys.stdout, sys.stderr)}.values():
            with contextlib.suppress(BaseException):
                stream.flush()


def restore_torch() -> None:
    """Put torch's global settings where they are at first."""
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    if torch.are_deterministic_algorithms_enabled():  # else it would import torch._inductor for nothing
        torch.use_deterministic_algorithms(False)


def _with_memory(failure: Failure) -> Failure:
    """The failure, seen as one of memory where it is torch's own allocator that gave up."""
    if failure.kind in ("RuntimeError", "OutOfMemoryError") and any(t in failure.message for t in _NO_MEMORY):
        return Failure("memory", failure.kind, failure.message, failure.trace)
    return failure


def _plain(failure: Failure) -> Value:
    fields = (failure.verdict, failure.kind, failure.message, failure.trace)
    return [str(text)[:8000] for text in fields]


def _read_into(places: list[memoryview]) -> int:
    return os.readv(CHANNEL, places)


def _write(pieces: list[memoryview]) -> int:
    return os.writev(CHANNEL, pieces)
