"""The grader's side: starts the zygote, asks it for children, calls functions in them, judges how they end."""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from autograder.sandbox import linux, selftest, verify, wire
from autograder.sandbox.output import Output
from autograder.values import Value

START_SECONDS = 120.0
HANDSHAKE_SECONDS = 30.0
THREADS = 64
ROOT = Path(__file__).resolve().parents[2]
_BOOT = "import sys; sys.path.insert(0, {root!r}); from autograder.sandbox.zygote import main; sys.path.pop(0); main({fd})"
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


class SandboxError(Exception):
    """The sandbox itself failed or cannot be built: the grader's fault, never the submission's."""


class ChildFailure(Exception):
    """Student code brought no value back. `verdict` says how, `kind`, `message` and `trace` say why."""

    def __init__(self, verdict: str, kind: str, message: str, trace: str = "", cpu_seconds: float = 0.0) -> None:
        super().__init__(f"{verdict}: {kind}: {message}")
        self.verdict = verdict
        self.kind = kind
        self.message = message
        self.trace = trace
        self.cpu_seconds = cpu_seconds


@dataclass(frozen=True)
class Limits:
    """What one child may use in all its calls together. `memory_bytes` comes on top of what torch itself maps."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int = 16 * 1024
    reply_bytes: int = 64 * 2**20
    accelerator: bool = False


class Zygote:
    """The process that children are forked from; a context manager, one per run, started from the main thread.

    `preload` are the modules that calls may name; they and what they need are imported once. `search_path` is
    searched for them, and hidden from the children. `isolation` and `missing` tell which layers hold.
    With `unsafe`, missing layers do not stop it; `isolation` then says so.
    """

    def __init__(
        self,
        preload: Sequence[str],
        search_path: Sequence[Path] = (),
        *,
        unsafe: bool = False,
        without: Sequence[str] = (),
    ) -> None:
        _check_platform()
        self._lock = threading.Lock()
        self._unsafe = unsafe
        self._dumpable = linux.prctl(linux.PR_GET_DUMPABLE)
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _start(theirs)
        try:
            self._prepare([*preload], [str(Path(path).resolve()) for path in search_path], [*without])
        except BaseException:
            self.close()
            raise

    def _prepare(self, preload: list[str], search_path: list[str], without: list[str]) -> None:
        with tempfile.TemporaryDirectory() as empty:
            order = {"preload": ["torch", *preload], "search_path": [str(ROOT), *search_path], "without": without}
            answer = self._ask({**order, "parent": os.getpid(), "empty": empty}, START_SECONDS)
        self._size = int(answer["size"])
        self._root = bool(answer["drops_user"])
        self.isolation, self.missing = tuple(answer["isolation"]), dict(answer["missing"])
        self._learn_layers()
        lacking = verify.missing_layers(self.isolation, root=self._root)
        if lacking and not self._unsafe:
            raise SandboxError(f"no sandbox here: {self._reasons(lacking)}. {verify.ADVICE}")
        if lacking:
            self.isolation = (f"UNSAFE: without {', '.join(lacking)}", *self.isolation)
        else:
            self._test()

    def _learn_layers(self) -> None:
        """Let one child lock itself down, and see what worked."""
        with Child(self, {}, _TEST_LIMITS, first=True) as child:
            self.missing |= child.off
        names = [*verify.CHILD_LAYERS, "bounding_set", "landlock_scope", *(["uid_drop"] if self._root else [])]
        self.isolation += tuple(name for name in names if name not in self.missing)

    def _reasons(self, lacking: Sequence[str]) -> str:
        parts = [name for group in lacking for name in group.split(" or ")]
        return ", ".join(f"{name} ({self.missing.get(name, 'not in force')})" for name in parts)

    def _test(self) -> None:
        """Try every promise for real in one child. SandboxError where one does not hold."""
        broken = {name: result for name, result in self.tried().items() if result != selftest.HELD}
        if broken:
            failed = "; ".join(f"{name}: {result}" for name, result in broken.items())
            raise SandboxError(f"the sandbox does not hold what it promises ({failed}). {verify.ADVICE}")

    def tried(self) -> dict[str, str]:
        """What a child could do of what it must not: `held`, or what happened instead, by the attempt's name."""
        with tempfile.TemporaryDirectory() as folder, Child(self, {}, _TEST_LIMITS) as child:
            Path(folder).chmod(0o777)
            secret = Path(folder, "secret")
            secret.write_text("a secret", "utf-8")
            secret.chmod(0o644)
            variables = " ".join(set(os.environ) - set(_ENVIRONMENT))
            places = {"secret": str(secret), "folder": folder, "grader": __file__, "process": str(os.getpid())}
            arguments = {"places": {**places, "variables": variables}, "memory": _TEST_LIMITS.memory_bytes + 2**26}
            try:
                results = child.call("autograder.sandbox.selftest:attempts", arguments)
                honest = child.call("autograder.sandbox.selftest:honest", {})
            except ChildFailure as failure:
                raise SandboxError(f"the sandbox's self-test failed: {failure} {failure.trace}") from None
            if Path(folder, "written").exists():
                raise SandboxError(f"the sandbox does not hold: a file was written. {verify.ADVICE}")
        return {**results, "run honest code": _right(honest)}

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the zygote; its children end with it."""
        self._line.close()
        self._process.kill()
        self._process.wait()
        linux.prctl(linux.PR_SET_DUMPABLE, self._dumpable)

    def child(self, sources: Mapping[str, str], limits: Limits) -> Child:
        """A fresh child with these modules in it, locked down before the first byte of them arrives."""
        return Child(self, sources, limits)

    def fork(self, channel: socket.socket, output: int, limits: Limits) -> tuple[int, int | None]:
        """Let the zygote fork a child that holds `channel` and writes to `output`; its process and user id."""
        order = {"rlimits": self._rlimits(limits), "accelerator": limits.accelerator}
        answer = self._ask(order, HANDSHAKE_SECONDS, [channel.fileno(), output])
        return int(answer["pid"]), answer["user"]

    def reap(self, pid: int) -> tuple[int, float]:
        """End a child of this zygote; its wait status and its CPU seconds."""
        answer = self._ask({"reap": pid}, HANDSHAKE_SECONDS)
        return int(answer["status"]), float(answer["cpu"])

    def _rlimits(self, limits: Limits) -> dict[str, tuple[int, int]]:
        cpu = math.ceil(limits.cpu_seconds) + 1
        bounds = {f"RLIMIT_{name}": (size, size) for name, size in _RLIMITS.items()}
        bounds["RLIMIT_CPU"] = (cpu, cpu + 1)
        if self._root:
            bounds["RLIMIT_NPROC"] = (THREADS, THREADS)
        if not limits.accelerator:
            size = self._size + limits.memory_bytes
            bounds["RLIMIT_AS"] = (size, size)
        return bounds

    def _ask(self, order: Mapping[str, Any], seconds: float, descriptors: Sequence[int] = ()) -> dict[str, Any]:
        with self._lock:
            try:
                self._line.settimeout(seconds)
                socket.send_fds(self._line, [json.dumps(order).encode()], list(descriptors))
                text = self._line.recv(1 << 20)
            except TimeoutError:
                raise SandboxError(f"the sandbox's zygote did not answer within {seconds:g} s") from None
            except OSError:
                text = b""
        if not text:
            raise SandboxError(f"the sandbox's zygote {_ending(self._process.wait())}")
        answer: dict[str, Any] = json.loads(text)
        if "error" in answer:
            raise SandboxError(f"the sandbox could not be built: {answer['error']}")
        return answer


_TEST_LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=256 * 2**20)
_RLIMITS = {"CORE": 0, "FSIZE": 0, "NOFILE": 64, "MEMLOCK": 0, "MSGQUEUE": 0, "NICE": 0, "RTPRIO": 0}


def _right(honest: Value) -> str:
    match honest:
        case [float(total), torch.Tensor() as gradient, int(threads)]:
            if total == 324.0 and float(gradient.sum()) == 324.0 and threads == 1:
                return selftest.HELD
    return "it gave a wrong result"


def _check_platform() -> None:
    if sys.platform != "linux" or linux.MACHINE not in linux.ARCHITECTURES:
        raise SandboxError(f"student code can be run safely on Linux (x86-64, aarch64) alone. {verify.ADVICE}")
    if threading.current_thread() is not threading.main_thread():
        raise SandboxError("the sandbox must be started from the main thread: its processes die with that thread")


def _start(channel: socket.socket) -> subprocess.Popen[bytes]:
    boot = _BOOT.format(root=str(ROOT), fd=channel.fileno())
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", boot],
        env=_ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[channel.fileno()],
        start_new_session=True,
    )


class Child:
    """One locked-down process that holds one submission. After a timeout or a crash it stays dead."""

    def __init__(self, zygote: Zygote, sources: Mapping[str, str], limits: Limits, *, first: bool = False) -> None:
        self._zygote = zygote
        self._limits = limits
        self._failure: ChildFailure | None = None
        self._wall_left = limits.wall_seconds
        self._cpu = 0.0
        self._pid: int | None = None
        self.off: dict[str, str] = {}
        self._channel, channel = socket.socketpair()
        read, write = os.pipe2(os.O_CLOEXEC)
        self._output = Output(read, limits.output_bytes)
        try:
            with channel:
                self._pid, user = zygote.fork(channel, write, limits)
            self._channel.setblocking(False)
            self._meet(user, first)
            self._exchange("sources", dict(sources), HANDSHAKE_SECONDS)
        except (_Ended, wire.WireError) as error:
            status = self._end()
            self.close()
            raise SandboxError(f"the sandbox's child did not start: {error or _ending(status)}") from None
        except BaseException:
            self.close()
            raise
        finally:
            os.close(write)

    def _meet(self, user: int | None, first: bool) -> None:
        """Hear who the child is, and ask the kernel too, before it gets anything."""
        hello = self._receive(time.monotonic() + HANDSHAKE_SECONDS)
        if hello.kind != "hello" or not isinstance(hello.value, dict) or self._pid is None:
            raise wire.WireError("it did not say who it is")
        off = hello.value["off"]
        self.off = {name: str(why) for name, why in off.items()} if isinstance(off, dict) else {}
        if first:
            return
        lost = [f"{name} ({why})" for name, why in self.off.items() if name not in self._zygote.missing]
        wrong = f"it lacks {', '.join(lost)}" if lost else ""
        wrong = wrong or verify.stranger(self._pid, hello.value, user, self._zygote.isolation)
        if wrong:
            raise SandboxError(f"the sandbox's child is not as ordered: {wrong}")

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        self._end()
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
            self._cpu = _cpu_of(self._pid, self._cpu)
        return self._cpu

    def call(self, target: str, arguments: Mapping[str, Value]) -> Value:
        """Run `module:function` with the student's modules and these arguments. ChildFailure when it fails."""
        if self._failure is not None:
            raise self._failure
        started = time.monotonic()
        try:
            answer = self._exchange("call", {"target": target, "arguments": dict(arguments)}, self._wall_left)
        except _Ended as ended:
            self._failure = self._judge(ended)
            raise self._failure from None
        except wire.WireError as error:
            self._end()
            self._failure = ChildFailure("crashed", "Protocol", f"the answer was malformed: {error}", "", self._cpu)
            raise self._failure from None
        finally:
            self._wall_left -= time.monotonic() - started
        return self._outcome(answer)

    def _outcome(self, answer: wire.Message) -> Value:
        if answer.kind == "value":
            return answer.value
        match answer.value:
            case [str(verdict), str(kind), str(message), str(trace)]:
                raise ChildFailure(verdict, kind, message, trace, self.cpu_seconds)
        raise wire.WireError("a failure of unknown form")

    def _exchange(self, kind: str, value: Value, seconds: float) -> wire.Message:
        deadline = time.monotonic() + seconds
        nonce = secrets.token_hex(16)
        for piece in wire.encode(wire.Message(kind, nonce, value)):
            self._write(memoryview(piece), deadline)
        answer = self._receive(deadline)
        if not secrets.compare_digest(answer.nonce, nonce):
            raise wire.WireError("it belongs to no call")
        return answer

    def _write(self, rest: memoryview, deadline: float) -> None:
        while rest:
            self._wait(select.POLLOUT, deadline)
            with contextlib.suppress(BlockingIOError):
                try:
                    rest = rest[self._channel.send(rest) :]
                except OSError as error:
                    if not isinstance(error, BlockingIOError):
                        raise _Ended from None

    def _receive(self, deadline: float) -> wire.Message:
        text, size = wire.lengths(self._read(wire.HEAD.size, deadline), wire.MAX_JSON, self._limits.reply_bytes)
        frame = wire.Frame(self._read(text, deadline), size)
        for place in frame.places:
            self._fill(place, deadline)
        return frame.message()

    def _read(self, size: int, deadline: float) -> bytes:
        place = bytearray(size)
        self._fill(memoryview(place), deadline)
        return bytes(place)

    def _fill(self, place: memoryview, deadline: float) -> None:
        while place:
            self._wait(select.POLLIN, deadline)
            try:
                count = self._channel.recv_into(place)
            except BlockingIOError:
                continue
            except OSError:
                count = 0
            if count == 0:
                raise _Ended
            place = place[count:]

    def _wait(self, event: int, deadline: float) -> None:
        """Wait until the channel is ready, taking in output and watching both clocks meanwhile."""
        poll = select.poll()
        poll.register(self._channel, event)
        if self._output.open:
            poll.register(self._output.descriptor, select.POLLIN)
        while True:
            cpu_left = self._limits.cpu_seconds - self.cpu_seconds
            left = min(deadline - time.monotonic(), max(cpu_left, 0.0))
            if left <= 0:
                raise _Ended("cpu" if cpu_left <= 0 else "wall")
            ready = dict(poll.poll(min(left * 1000 + 1, 1000)))
            if self._output.descriptor in ready:
                self._output.drain()
                if not self._output.open:
                    poll.unregister(self._output.descriptor)
            if self._channel.fileno() in ready:
                return

    def _judge(self, ended: _Ended) -> ChildFailure:
        status = self._end()
        cpu = f"{self._cpu:.1f} s of CPU time used"
        if ended.clock == "wall":
            message = f"no answer within {self._limits.wall_seconds:g} s ({cpu})"
        elif ended.clock == "cpu" or self._cpu >= self._limits.cpu_seconds:
            message = f"more than {self._limits.cpu_seconds:g} s of CPU time"
        else:
            return ChildFailure("crashed", "Crash", f"the program {_ending(status)}", "", self._cpu)
        return ChildFailure("timeout", "Timeout", message, "", self._cpu)

    def _end(self) -> int:
        if self._pid is None:
            return 0
        self._output.drain()
        pid, self._pid = self._pid, None
        status, self._cpu = self._zygote.reap(pid)
        self._output.drain()
        return os.waitstatus_to_exitcode(status)


class _Ended(Exception):
    """The child's side closed, or a clock ran out."""

    def __init__(self, clock: str = "") -> None:
        super().__init__(clock)
        self.clock = clock


def _cpu_of(pid: int, last: float) -> float:
    try:
        return time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3): CPUCLOCK_SCHED of a process
    except OSError:
        return last


def _ending(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
        return f"was ended by signal {-code}"
    return f"ended itself with status {code}"
