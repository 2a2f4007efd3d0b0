"""Hostile modules against the sandbox: where they lie, what they may hope for, how each is run and judged."""

from __future__ import annotations

import os
import select
import socket
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from cost import affordable

from autograder.sandbox import Child, ChildFailure, ChildLimits, Zygote

ATTACKS = Path(__file__).resolve().parent.parent / "attacks"
"""The group whose attacks are whole submissions, for the grader; the others are modules, for the sandbox."""
SECRET = "canary-5f1d0c"
ROOM = ChildLimits(
    cpu_seconds=5, wall_seconds=60, memory_bytes=128 * 2**20, output_bytes=2000, reply_bytes=2**20
)
TIGHT = replace(ROOM, cpu_seconds=0.25, wall_seconds=0.5)  # for those that end in a timeout in any case
HONEST = {"work": "def double(x):\n    return 2 * x\n"}
HARMLESS = (-1, 1, 127 << 8)  # a call that was refused, an attack's own answer, a shell that did not start
PATIENCE = 30.0  # seconds that a leftover is given to show itself

FRAMES = """
import json, struct
def frame(nonce, value=True, kind="value", tensors=(), size=0):
    text = json.dumps({"kind": kind, "nonce": nonce, "tensors": list(tensors), "value": value}).encode()
    return struct.pack(">IQ", len(text), size) + text
"""
"""What the attacks on the protocol import as `frames`."""


@dataclass(frozen=True)
class Attack:
    """A hostile module `work` with a function `go`, its goal, and the verdicts that are honest for it.

    `value` is honest where the call may well return something, as long as that is nothing it should not have:
    `returns`, where the attack names it.
    """

    group: str
    name: str
    goal: str
    verdicts: frozenset[str]
    source: str
    returns: Any = None

    @property
    def sources(self) -> dict[str, str]:
        """The modules that its child gets."""
        return {"work": self.source, "frames": FRAMES}


def attacks(layers: str = "all") -> list[Attack]:
    """All of `tests/attacks/GROUP/NAME/`: `attack.toml` says what it is after, `work.py` tries.

    With an accelerator, memory is not limited, and what takes memory is no attack that is held.
    """
    found = []
    for path in sorted(ATTACKS.glob("*/*/attack.toml")):
        group, name = path.parts[-3:-1]
        facts = tomllib.loads(path.read_text("utf-8"))
        facts["verdicts"] = frozenset(facts["verdicts"])
        found.append(Attack(group, name, source=(path.parent / "work.py").read_text("utf-8"), **facts))
    return [one for one in found if layers != "accelerator" or "memory" not in one.verdicts]


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
        for listener in self.listeners:
            listener.setblocking(False)
        self.before = self.state()

    def places(self) -> dict[str, Any]:
        """Where an attack finds them."""
        places = {"secret": str(self.secret), "folder": str(self.folder), "path": str(self.folder / "socket")}
        return {**places, "port": self.listeners[0].getsockname()[1], "pid": os.getpid()}

    def state(self) -> object:
        """All of them that could have changed."""
        stat = self.secret.stat()
        files = sorted(path.name for path in self.folder.iterdir())
        strays = [path for path in ("/tmp/convlab-owned", "/dev/shm/convlab") if Path(path).exists()]
        return self.secret.read_text(), stat.st_mode, stat.st_mtime_ns, files, strays

    def check(self) -> None:
        """AssertionError unless they are whole."""
        now = self.state()
        assert now == self.before, f"a canary was touched: {now}, not {self.before}"
        for listener in self.listeners:
            try:
                listener.accept()
            except BlockingIOError:
                continue
            raise AssertionError(f"somebody connected to {listener.getsockname()}")


@contextmanager
def planted() -> Iterator[Canaries]:
    """Canaries for as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
        made = Canaries(Path(folder))
        os.environ["CONVLAB_CANARY"] = SECRET
        try:
            yield made
        finally:
            del os.environ["CONVLAB_CANARY"]
            for listener in made.listeners:
                listener.close()


def contained(zygote: Zygote, attack: Attack, canaries: Canaries, layers: str = "all") -> None:
    """AssertionError unless the verdict is honest, the canaries whole, the next submission graded right.

    Nor may it cost the grader's own process more memory or time than its own child may take.
    """
    limits = replace(_limits(attack), accelerator=layers == "accelerator")
    with affordable(ROOM.cpu_seconds):
        if attack.group == "late":
            _leftover(zygote, attack, limits)
        else:
            _judged(attack, *_outcome(zygote, attack, limits, canaries.places()))
    canaries.check()
    _next_submission_is_fine(zygote)


def _limits(attack: Attack) -> ChildLimits:
    return TIGHT if attack.verdicts == {"timeout"} else ROOM


def _outcome(
    zygote: Zygote, attack: Attack, limits: ChildLimits, places: dict[str, Any]
) -> tuple[str, Any, str]:
    """The verdict, what came back, and all that a student is shown."""
    with zygote.child(attack.sources, limits) as child:
        verdict, value, told = _called(child, "go", places)
        return verdict, value, f"{told} {child.output}"


def _called(child: Child, function: str, arguments: dict[str, Any]) -> tuple[str, Any, str]:
    """The verdict (`value` when something came back), what came back, and what is told of it."""
    try:
        value = child.call(f"sandbox_probes:{function}", arguments)
    except ChildFailure as failure:
        return failure.verdict, None, f"{failure.kind} {failure.message} {failure.trace}"
    return "value", value, str(value)


def _judged(attack: Attack, verdict: str, value: Any, shown: str) -> None:
    assert verdict in attack.verdicts, f"{verdict}: {shown[:2000]}"
    assert SECRET not in shown, "it read the secret"
    assert len(shown) < 20_000, "it made the report endless"
    assert not set(shown) & {"\x1b", "\x07", "\x00", "\u202e"}, "its output is not clean"
    if isinstance(value, torch.Tensor):
        assert type(value) is torch.Tensor, "its tensor is a subclass"
        value = value.tolist()
    if isinstance(value, int):
        assert value in HARMLESS, f"a call that should have been refused gave {value}"
    if attack.returns is not None and verdict == "value":
        assert value == attack.returns, f"it got {value}, not {attack.returns}"


def _leftover(zygote: Zygote, attack: Attack, limits: ChildLimits) -> None:
    """What an attack leaves behind for later must answer no later call."""
    with zygote.child(attack.sources, limits) as child:
        own = child.call("sandbox_probes:go", {})
        assert own in ("own", "forged"), f"the first call gave {own}"
        shown, _, _ = select.select([child._channel], [], [], PATIENCE)
        assert shown, "the leftover never came"
        verdict, value, _ = _called(child, "echo", {"value": "the next question"})
    assert verdict in attack.verdicts, f"the next question was answered: {verdict} {value}"


def _next_submission_is_fine(zygote: Zygote) -> None:
    with zygote.child(HONEST, ROOM) as child:
        doubled = child.call("sandbox_probes:double", {"x": torch.arange(4.0)})
    assert isinstance(doubled, torch.Tensor), "the next submission was answered with no tensor"
    assert doubled.tolist() == [0, 2, 4, 6], f"the next submission was answered with {doubled}"
