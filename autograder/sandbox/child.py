"""One child as the grader sees it: calls go in, plain values or a judged failure come out."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol

from autograder import timeouts
from autograder.sandbox import verify, wire
from autograder.sandbox.base import OWN_VERDICTS, ChildFailure, ChildLimits, SandboxError, Setting
from autograder.sandbox.output import Output, cleaned, innermost, own_lines
from autograder.sandbox.worker import ASK
from autograder.values import Value

HANDSHAKE_SECONDS = 30.0
_USUAL = Setting()
_LOOK = 0.1  # seconds between two looks at what nothing else bounds
_TELLING = 1.0  # a child whose time is over is given this long to say where it is
_TOLD = 1 << 16  # bytes of what it says that are looked at
_PATIENCE = 2.0  # a process whose channel has closed is given this long to be seen to end by itself


@dataclass(frozen=True)
class Death:
    """How a child ended: by itself with `code` (negative: a signal), or only because it was `killed`."""

    code: int
    killed: bool
    cpu_seconds: float

    def __str__(self) -> str:
        if self.killed:
            return "closed its channel to the grader"
        if self.code == -signal.SIGKILL:
            return "was killed by the system (SIGKILL), as happens when memory runs out"
        return ending(self.code)


class Parent(Protocol):
    """What a child needs of its zygote."""

    @property
    def isolation(self) -> Sequence[str]:
        """The layers in force."""

    @property
    def missing(self) -> Mapping[str, str]:
        """The layers that are not, and why."""

    @property
    def counted_threads(self) -> int:
        """How many threads a child may have, where nothing but looking bounds them; else 0."""

    def fork(self, channel: socket.socket, output: int, limits: ChildLimits) -> tuple[int, int | None]:
        """Make a child that holds `channel` and writes to `output`; its process id and its user."""

    def reap(self, pid: int, patience: float) -> Death:
        """End a child, after `patience` seconds for it to end by itself."""


class Child:
    """One locked-down process that holds one submission. After a timeout or a crash it stays dead."""

    def __init__(
        self, zygote: Parent, sources: Mapping[str, str], limits: ChildLimits, *, trial: bool = False
    ) -> None:
        self._zygote = zygote
        self._limits = limits
        self._sources = dict(sources)
        self._failure: ChildFailure | None = None
        self._wall_left = limits.wall_seconds
        self._cpu_limit = limits.cpu_seconds
        self._cpu = 0.0
        self._pid: int | None = None
        self._threads = zygote.counted_threads
        self.off: dict[str, str] = {}
        self._channel, theirs = socket.socketpair()
        read, write = os.pipe2(os.O_CLOEXEC)
        self._output = Output(read, limits.output_bytes)
        try:
            self._start(theirs, write, trial)
            self._exchange("sources", {**self._sources}, HANDSHAKE_SECONDS)
        except (_Ended, wire.WireError) as error:
            death = self._end(_PATIENCE)
            self.close()
            raise SandboxError(f"the sandbox's child did not start: {error}; it {death}") from None
        except BaseException:
            self.close()
            raise

    def _start(self, theirs: socket.socket, write: int, trial: bool) -> None:
        try:
            self._pid, user = self._zygote.fork(theirs, write, self._limits)
        finally:
            theirs.close()
            os.close(write)
        self._channel.setblocking(False)
        self._meet(self._pid, user, trial)

    def _meet(self, pid: int, user: int | None, trial: bool) -> None:
        """Hear who the child is, and ask the kernel too, before it gets anything; a trial is only heard."""
        hello = self._receive(time.monotonic() + HANDSHAKE_SECONDS)
        match hello.kind, hello.value:
            case "hello", {"user": int(claimed), "off": dict(off)}:
                self.off = {name: str(why) for name, why in off.items()}
            case _:
                raise wire.WireError("it did not say who it is")
        lost = [f"no {name} ({why})" for name, why in self.off.items() if name not in self._zygote.missing]
        wrong = lost or verify.stranger(pid, claimed, user, self._zygote.isolation)
        if wrong and not trial:
            raise SandboxError(f"the sandbox's child is not what was ordered: {', '.join(wrong)}")

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        with contextlib.suppress(SandboxError):  # a dead zygote has taken its children along
            self._end(0)
        self._channel.close()
        self._output.close()

    @property
    def output(self) -> str:
        """What the student's code wrote to stdout and stderr so far, cleaned and cut."""
        self._output.drain()
        return self._output.text()

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the child has used so far."""
        if self._pid is not None:
            with contextlib.suppress(OSError):  # the number is clock_getcpuclockid(3)'s for another process
                self._cpu = time.clock_gettime((~self._pid << 3) | 2)
        return self._cpu

    def turn_to_other_work(self, share: float) -> None:
        """Forget the output so far; limit the next question to this share of the time, or what is left."""
        self._output.restart()
        self._wall_left = share * self._limits.wall_seconds
        used = self.cpu_seconds
        self._cpu_limit = min(self._limits.cpu_seconds, used + share * self._limits.cpu_seconds)

    def call(self, target: str, arguments: Mapping[str, Value], setting: Setting = _USUAL) -> Value:
        """Run `module:function` with the student's modules and these arguments. ChildFailure if it fails."""
        if self._failure is not None:
            raise self._failure
        started = time.monotonic()
        whole, self._cpu_limit = self._cpu_limit, min(self._cpu_limit, self.cpu_seconds + setting.cpu_seconds)
        try:
            order: Value = {"target": target, "arguments": dict(arguments), "setting": _plain(setting)}
            return self._outcome(self._exchange("call", order, min(self._wall_left, setting.wall_seconds)))
        except _Ended as ended:
            self._failure = self._judge(ended)
        except wire.WireError as error:
            death = self._end(0)
            why = f"the grader received an invalid reply: {error}"
            self._failure = ChildFailure("crashed", "Protocol", why, "", death.cpu_seconds)
        finally:
            self._wall_left -= time.monotonic() - started
            self._cpu_limit = whole
        raise self._failure

    def _outcome(self, answer: wire.Message) -> Value:
        if answer.kind == "value":
            return answer.value
        match answer.kind, answer.value:
            case "failure", [str(verdict), str(kind), str(message), str(trace)] if verdict in OWN_VERDICTS:
                if verdict == "memory":
                    allowed = f"Used more than {self._limits.memory_bytes // 2**20} MiB of memory"
                    message = f"{allowed}: {message}" if message else allowed
                used = self.cpu_seconds
                raise ChildFailure(
                    verdict, cleaned(kind), cleaned(message), own_lines(trace, self._sources), used
                )
        raise wire.WireError("neither a value nor a failure")

    # ---- frames ------------------------------------------------------------------------------------

    def _exchange(self, kind: str, value: Value, seconds: float) -> wire.Message:
        deadline = time.monotonic() + seconds
        nonce = secrets.token_hex(16)
        self._send(wire.encode(wire.Message(kind, nonce, value)), deadline)
        answer = self._receive(deadline)
        if not secrets.compare_digest(answer.nonce.encode(), nonce.encode()):
            raise wire.WireError("it was written before the call")
        return answer

    def _send(self, pieces: list[bytes | memoryview], deadline: float) -> None:
        self._through(pieces, self._channel.sendmsg, select.POLLOUT, deadline)

    def _receive(self, deadline: float) -> wire.Message:
        head = bytearray(wire.HEAD.size)
        self._fill([head], deadline)
        text_size, size = wire.lengths(head, wire.MAX_JSON, self._limits.reply_bytes)
        text = bytearray(text_size)
        self._fill([text], deadline)
        with _decoding():
            frame = wire.Frame(text, size)
            places = frame.places
        self._fill(places, deadline)
        with _decoding():
            return frame.message()

    def _fill(self, places: Sequence[bytearray | memoryview], deadline: float) -> None:
        self._through(places, lambda rest: self._channel.recvmsg_into(rest)[0], select.POLLIN, deadline)

    def _through(
        self,
        pieces: Sequence[bytes | bytearray | memoryview],
        move: Callable[[list[memoryview]], int],
        event: int,
        deadline: float,
    ) -> None:
        """Move all of some buffers over the channel, which does not block. _Ended where it closes."""

        def when_ready(rest: list[memoryview]) -> int:
            while True:
                try:
                    return move(rest)
                except BlockingIOError:
                    self._wait(event, deadline)
                except OSError:
                    raise _Ended from None

        if not wire.through(pieces, when_ready):
            raise _Ended

    def _wait(self, event: int, deadline: float) -> None:
        """Wait until the channel is ready, taking in output and watching both clocks meanwhile."""
        poll = select.poll()
        poll.register(self._channel, event)
        if self._output.open:
            poll.register(self._output.descriptor, select.POLLIN)
        while True:
            ready = dict(poll.poll(1000 * self._patience(deadline) + 1))
            if self._output.descriptor in ready:
                self._output.drain()
                if not self._output.open:
                    poll.unregister(self._output.descriptor)
            if self._channel.fileno() in ready:
                return

    def _patience(self, deadline: float) -> float:
        """How long to wait before the clocks are looked at again. _Ended when one has run out."""
        if self._threads and threads_of(self._pid) > self._threads:
            raise _Ended("threads")
        cpu_left = self._cpu_limit - self.cpu_seconds
        wall_left = deadline - time.monotonic()
        if cpu_left <= 0 or wall_left <= 0:
            raise _Ended("CPU" if cpu_left <= 0 else "wall")
        return min(cpu_left, wall_left, _LOOK if self._threads else 1.0)

    # ---- the end -----------------------------------------------------------------------------------

    def _judge(self, ended: _Ended) -> ChildFailure:
        place = self._place() if ended.clock in ("wall", "CPU") else ""
        death = self._end(0 if ended.clock else _PATIENCE)
        cpu, limits = death.cpu_seconds, self._limits
        if ended.clock == "threads":
            return ChildFailure("crashed", "Crash", f"more than {self._threads} threads at once", "", cpu)
        if ended.clock == "wall":
            message = timeouts.no_answer(limits.wall_seconds, cpu)
        elif ended.clock == "CPU" or cpu >= limits.cpu_seconds:
            message = timeouts.cpu_used_up(limits.cpu_seconds)
        else:
            return ChildFailure("crashed", "Crash", f"The program {death}", "", cpu)
        return ChildFailure("timeout", "Timeout", message, place, cpu)

    def _place(self) -> str:
        """The innermost line of the student's own where the child is; "" where it does not tell in time.

        Asked by a signal, it writes its frames into the channel, where no reply is awaited any more. They are
        no more than a claim: a place in the submission's text is taken from them, or nothing.
        """
        told, deadline = b"", time.monotonic() + _TELLING
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        with contextlib.suppress(OSError):
            os.kill(self._pid or 0, ASK)
            while (left := deadline - time.monotonic()) > 0 and poll.poll(1000 * left):
                data = self._channel.recv(_TOLD)
                told = (told + data)[-_TOLD:]
                if (place := innermost(told.decode("ascii", "replace"), self._sources)) or not data:
                    return place
        return ""

    def _end(self, patience: float) -> Death:
        if self._pid is None:
            return Death(0, False, self._cpu)
        self._output.drain()
        pid, self._pid = self._pid, None
        death = self._zygote.reap(pid, patience)
        self._cpu = death.cpu_seconds
        self._output.drain()
        return death


@contextlib.contextmanager
def _decoding() -> Iterator[None]:
    """Whatever goes wrong in here is the sender's doing: a frame that cannot be decoded is no frame."""
    try:
        yield
    except wire.WireError:
        raise
    except Exception as error:
        raise wire.WireError(f"it cannot be decoded ({type(error).__name__})") from None


def _plain(setting: Setting) -> Value:
    given: dict[str, Value] = {
        name: {module: {**texts} for module, texts in found.items()} for name, found in setting.given.items()
    }
    return {"stretch": setting.stretch, "given": given, "seed": setting.seed}


class _Ended(Exception):
    """The child's side closed, or one of the clocks ran out."""

    def __init__(self, clock: str = "") -> None:
        super().__init__(f"its {clock} time ran out" if clock else "its channel closed")
        self.clock = clock


def threads_of(pid: int | None) -> int:
    """How many threads a process has; 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[17])
    except (OSError, IndexError):
        return 0


def ending(code: int) -> str:
    """An exit status in words."""
    if code >= 0:
        return f"ended itself with status {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
