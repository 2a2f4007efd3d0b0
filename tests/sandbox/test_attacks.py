"""Hostile submissions: the canaries stay whole, the verdict is honest, the next submission grades right."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from sandbox_harness import FRAMES, SETS, Attack, attacks, started

from autograder.sandbox import ChildFailure, Limits, Zygote

SECRET = "canary-5f1d0c"
ROOM = Limits(cpu_seconds=5, wall_seconds=30, memory_bytes=128 * 2**20, output_bytes=2000, reply_bytes=2**20)
TIGHT = replace(ROOM, cpu_seconds=0.5, wall_seconds=1.0)  # for those that end in a timeout in any case
HONEST = {"work": "def double(x):\n    return 2 * x\n"}
HARMLESS = (-1, 1, 127 << 8)  # a call that was refused, an attack's own answer, a shell that did not start
RETURNS = {
    "return a number that lies": 1.5,
    "return a text that lies": "truth",
    "read a file by C's fopen": "no",
    "read the reference, the hidden checks and the labels by their paths": [],
    "list the folders of the grader": [],
    "list the processes": "[]",
    "find a descriptor": str([(0, 2), (1, 1), (2, 1), (3, 12)]),
    "find the secret in the memory of this process": "[]",
}


class Canaries:
    """What a submission must neither read nor change: a file, a folder, listening sockets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o777)
        self.secret = folder / "secret"
        self.secret.write_text(SECRET)
        self.secret.chmod(0o666)
        (folder / "secret_module.py").write_text(f"text = {SECRET!r}\n")
        self.listeners = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
        self.listeners[1].bind(str(folder / "socket"))
        self.listeners[1].listen()
        self.before = self.state()

    def places(self) -> dict[str, Any]:
        places = {"secret": str(self.secret), "folder": str(self.folder), "path": str(self.folder / "socket")}
        return {**places, "port": self.listeners[0].getsockname()[1], "pid": os.getpid()}

    def state(self) -> object:
        stat = self.secret.stat()
        files = sorted(path.name for path in self.folder.iterdir())
        strays = [path for path in ("/tmp/convlab-owned", "/dev/shm/convlab") if Path(path).exists()]
        return self.secret.read_text(), stat.st_mode, stat.st_mtime_ns, files, strays

    def check(self) -> None:
        assert self.state() == self.before
        for listener in self.listeners:
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVLAB_CANARY", SECRET)
        made = Canaries(Path(folder))
        yield made
        for listener in made.listeners:
            listener.close()


@pytest.fixture(scope="module")
def under(zygote: Zygote) -> Iterator[Callable[[str], Zygote]]:
    """Gives a zygote with the set of layers asked for; one beside the full one lives at a time."""
    with ExitStack() as stack:
        running: dict[str, Zygote] = {}

        def get(layers: str) -> Zygote:
            if layers not in running and layers != "all":
                stack.close()
                running.clear()
                running[layers] = stack.enter_context(started(layers))
            return zygote if layers == "all" else running[layers]

        yield get


def cases() -> list[Any]:
    """Every attack under all layers; under fewer, those that the layers matter for; the rest is slow."""
    found = []
    for layers in SETS:
        for attack in attacks():
            quick = layers == "all" or (layers == "container" and attack.group not in ("denial", "protocol"))
            marks = () if quick else pytest.mark.slow
            if attack.group != "late":
                found.append(pytest.param(layers, attack, id=f"{layers}-{attack.name}", marks=marks))
    return found


def sources(attack: Attack) -> dict[str, str]:
    return {"work": attack.source, "frames": FRAMES}


def outcome(zygote: Zygote, attack: Attack, places: dict[str, Any]) -> tuple[str, Any, str]:
    """The verdict (`value` when something came back), what came back, and all that a student is shown."""
    limits = TIGHT if attack.verdicts == {"timeout"} else ROOM
    with zygote.child(sources(attack), limits) as child:
        try:
            value = child.call("sandbox_probes:go", places)
        except ChildFailure as failure:
            shown = f"{failure.kind} {failure.message} {failure.trace} {child.output}"
            return failure.verdict, None, shown
        return "value", value, f"{value} {child.output}"


@pytest.mark.parametrize(("layers", "attack"), cases())
def test_an_attack_gains_nothing(
    under: Callable[[str], Zygote], canaries: Canaries, layers: str, attack: Attack
) -> None:
    zygote = under(layers)
    verdict, value, shown = outcome(zygote, attack, canaries.places())
    assert verdict in attack.verdicts, shown
    assert SECRET not in shown
    assert len(shown) < 20_000
    assert not set(shown) & {"\x1b", "\x07", "\x00", "\u202e"}
    if isinstance(value, int):
        assert value in HARMLESS
    if attack.name in RETURNS and verdict == "value":
        assert value == RETURNS[attack.name]
    canaries.check()
    next_submission_is_fine(zygote)


def next_submission_is_fine(zygote: Zygote) -> None:
    with zygote.child(HONEST, ROOM) as child:
        doubled = child.call("sandbox_probes:double", {"x": torch.arange(4.0)})
        assert isinstance(doubled, torch.Tensor)
        assert doubled.tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize(
    "attack", [a for a in attacks() if a.group == "late"], ids=lambda attack: attack.name
)
def test_a_leftover_answers_no_later_call(zygote: Zygote, attack: Attack) -> None:
    with zygote.child(sources(attack), ROOM) as child:
        assert child.call("sandbox_probes:go", {}) in ("own", "forged")
        time.sleep(0.3)
        with pytest.raises(ChildFailure) as caught:
            child.call("sandbox_probes:echo", {"value": "the next question"})
        assert caught.value.verdict == "crashed"
    next_submission_is_fine(zygote)


def test_a_tensor_that_lies_is_taken_by_its_numbers(zygote: Zygote) -> None:
    lie = next(attack for attack in attacks() if attack.name == "return a tensor that lies")
    with zygote.child(sources(lie), ROOM) as child:
        value = child.call("sandbox_probes:go", {})
    assert type(value) is torch.Tensor
    assert value.tolist() == [0, 0, 0]
