"""The grader's side of the zygote: starts it, makes sure that it holds its promises, asks it for children."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from autograder.isolation import CHILD_LAYERS, UNSAFE
from autograder.sandbox import linux, selftest, verify
from autograder.sandbox.base import ChildFailure, ChildLimits, SandboxError
from autograder.sandbox.child import HANDSHAKE_SECONDS, Child, Death, ending
from autograder.values import Value

START_SECONDS = 120.0
FORK_SECONDS = 300.0
"""How long a fork is tried again while the system refuses it for want of processes or memory."""
THREADS = 64
ROOT = Path(__file__).resolve().parents[2]
_BOOT = """\
import sys
sys.path.insert(0, {root!r})
from autograder.sandbox.zygote import main
sys.path.pop(0)
main({channel})
"""
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # else each thread reserves 64 MiB of the address space that a child may have
    # Tensors of a batch come and go: given back each time, their pages take longer than many a layer.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONHASHSEED": "0",  # sets of text have the same order in each run
    "TORCHINDUCTOR_CACHE_DIR": "/",  # else torch makes a folder in /tmp; this one is there already
}
_RLIMITS = {"CORE": 0, "FSIZE": 0, "NOFILE": 64, "MEMLOCK": 0, "MSGQUEUE": 0, "NICE": 0, "RTPRIO": 0}
_TEST_LIMITS = ChildLimits(cpu_seconds=20, wall_seconds=60, memory_bytes=256 * 2**20)


class Zygote:
    """The process that children are forked from: a context manager, one per run, started in the main thread.

    `preload` are the modules that calls may name; they and what they need are imported once. `search_path`
    is searched for them, and hidden from the children. `isolation` and `missing` say which layers hold and
    which do not. With `unsafe`, missing layers do not stop it; `isolation` then says so. `without` leaves
    layers out, for tests.
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
        self.isolation: tuple[str, ...] = ()
        self.missing: dict[str, str] = {}
        self._lock = threading.Lock()
        self._dumpable = linux.prctl(linux.PR_GET_DUMPABLE)
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _start(theirs)
        try:
            folders = [str(Path(path).resolve()) for path in search_path]
            order = {
                "preload": ["torch", *preload],
                "search_path": [str(ROOT), *folders],
                "without": [*without],
            }
            self._prepare(order)
            self._insist(unsafe)
        except BaseException:
            self.close()
            raise

    def _prepare(self, order: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory(prefix="convlab-") as empty:
            answer = self._ask({**order, "parent": os.getpid(), "empty": empty}, START_SECONDS)
        self._size, self._root = int(answer["size"]), bool(answer["drops_user"])
        self.missing = dict(answer["missing"])
        with Child(self, {}, _TEST_LIMITS, trial=True) as child:
            self.missing |= child.off
            why = child.call(f"{selftest.__name__}:late_import", {})
            self.missing |= {"late_imports": str(why)} if why else {}
        layers = [*answer["isolation"], *CHILD_LAYERS, *(["uid_drop"] if self._root else [])]
        self.isolation = tuple(name for name in layers if name not in self.missing)

    def _insist(self, unsafe: bool) -> None:
        """Refuse to go on without a mandatory layer, or when a promise does not hold."""
        lacking = verify.missing_layers(self.isolation, root=self._root)
        if not lacking:
            broken = {name: result for name, result in self.tried().items() if result != selftest.HELD}
            lacking = [f"a promise that holds ({name}: {result})" for name, result in broken.items()]
        if lacking and not unsafe:
            why = f"cannot create a safe sandbox; missing: {self._why(lacking)}"
            raise SandboxError(f"{why}. {verify.ADVICE}")
        if lacking:
            self.isolation = (f"{UNSAFE} without {self._why(lacking)}", *self.isolation)

    def _why(self, lacking: Sequence[str]) -> str:
        reasons = [
            (name, [self.missing[n] for n in name.split(" or ") if n in self.missing]) for name in lacking
        ]
        return ", ".join(f"{name} ({'; '.join(why)})" if why else name for name, why in reasons)

    def tried(self, device: str = "cpu") -> dict[str, str]:
        """What one child can do of what it must not: by name of the attempt `held`, or what happened.

        On another device than the CPU, the child has the profile for an accelerator, and computes there.
        """
        limits = replace(_TEST_LIMITS, accelerator=device != "cpu")
        with tempfile.TemporaryDirectory(prefix="convlab-") as name, Child(self, {}, limits) as child:
            folder = Path(name)
            folder.chmod(0o777)
            (folder / "secret").write_text("a secret", "utf-8")
            variables = " ".join(set(os.environ) - set(_ENVIRONMENT))
            places: dict[str, Value] = {"secret": f"{folder}/secret", "folder": name, "grader": __file__}
            places |= {"process": str(os.getpid()), "variables": variables}
            memory = 0 if limits.accelerator else limits.memory_bytes + 64 * 2**20
            try:
                results = child.call(f"{selftest.__name__}:attempts", {"places": places, "memory": memory})
                honest = child.call(f"{selftest.__name__}:honest", {"device": device})
            except ChildFailure as failure:
                return {"answer at all": f"{failure} {failure.trace}"}
            outcomes = {k: str(v) for k, v in results.items()} if isinstance(results, dict) else {}
            written = "a file is there" if (folder / "written").exists() else selftest.HELD
        return {**outcomes, "leave a file behind": written, "run honest code": _right(honest)}

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the zygote; its children end with it."""
        self._line.close()
        self._process.kill()
        self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()
        linux.prctl(linux.PR_SET_DUMPABLE, self._dumpable)

    def child(self, sources: Mapping[str, str], limits: ChildLimits) -> Child:
        """A fresh child with these modules in it, locked down before the first byte of them arrives."""
        return Child(self, sources, limits)

    @property
    def _counts_apart(self) -> bool:
        """Whether the system counts a child's threads apart from all else that its user runs."""
        return self._root or "user_ns" in self.isolation

    @property
    def counted_threads(self) -> int:
        """How many threads a child may have, where nothing but looking bounds them; else 0."""
        return 0 if self._counts_apart else THREADS

    def fork(self, channel: socket.socket, output: int, limits: ChildLimits) -> tuple[int, int | None]:
        """Let the zygote fork a child that holds `channel` and writes to `output`; its process and user."""
        order = {"rlimits": self._rlimits(limits), "accelerator": limits.accelerator}
        order["gpus"] = os.environ.get("CUDA_VISIBLE_DEVICES")
        deadline = time.monotonic() + FORK_SECONDS
        while True:
            answer = self._ask(order, HANDSHAKE_SECONDS, [channel.fileno(), output])
            if "again" not in answer:
                return int(answer["pid"]), answer["user"]
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"the sandbox's zygote could not fork for {FORK_SECONDS:g} s: {answer['again']}"
                )
            time.sleep(0.2)

    def reap(self, pid: int, patience: float) -> Death:
        """End a child of this zygote, after `patience` seconds for it to end by itself."""
        answer = self._ask({"reap": pid, "patience": patience}, HANDSHAKE_SECONDS)
        return Death(
            os.waitstatus_to_exitcode(answer["status"]), bool(answer["killed"]), float(answer["cpu"])
        )

    def _rlimits(self, limits: ChildLimits) -> dict[str, tuple[int, int]]:
        seconds = math.ceil(limits.cpu_seconds) + 1
        bounds = {f"RLIMIT_{name}": (size, size) for name, size in _RLIMITS.items()}
        bounds["RLIMIT_CPU"] = (seconds, seconds + 1)
        if self._counts_apart:
            bounds["RLIMIT_NPROC"] = (THREADS, THREADS)
        if limits.accelerator:
            bounds["RLIMIT_NOFILE"] = (256, 256)  # each device file is opened many times over
        else:
            size = self._size + limits.memory_bytes
            bounds["RLIMIT_AS"] = (size, size)
        return bounds

    def _ask(
        self, order: Mapping[str, Any], seconds: float, descriptors: Sequence[int] = ()
    ) -> dict[str, Any]:
        with self._lock:
            try:
                self._line.settimeout(seconds)
                socket.send_fds(self._line, [json.dumps(order).encode()], list(descriptors))
                text = self._line.recv(1 << 20)
            except TimeoutError:
                raise SandboxError(f"the sandbox's zygote did not answer within {seconds:g} s") from None
            except OSError:
                text = b""
        answer: dict[str, Any] = json.loads(text) if text else {"error": self._last_words()}
        if "error" in answer:
            raise SandboxError(f"the sandbox's zygote {answer['error']}")
        return answer

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(5)
            said = self._process.stderr.read() if self._process.stderr else b""
            return f"{ending(code)} {said.decode('utf-8', 'replace')[-2000:]}".rstrip()
        return "closed its channel"


def _start(channel: socket.socket) -> subprocess.Popen[bytes]:
    boot = _BOOT.format(root=str(ROOT), channel=channel.fileno())
    return subprocess.Popen(
        [sys.executable, "-s", "-P", "-B", "-c", boot],  # -I would ignore PYTHONHASHSEED
        env=_ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[channel.fileno()],
        start_new_session=True,
    )


def _right(honest: Value) -> str:
    match honest:
        case [float(total), torch.Tensor() as gradient, int(threads)]:
            if total == 324.0 and float(gradient.sum()) == 324.0 and threads == 1:
                return selftest.HELD
    return "it gave a wrong result"


def _check_platform() -> None:
    if sys.platform != "linux" or linux.MACHINE not in linux.ARCHITECTURES:
        raise SandboxError(f"student code can only be run safely on Linux (x86-64, aarch64). {verify.ADVICE}")
    if threading.current_thread() is not threading.main_thread():
        raise SandboxError(
            "the sandbox must be started from the main thread: its processes die with that thread"
        )
