"""What a child must not be able to do, tried from inside one; and one thing that it must be able to do.

Each attempt is harmless where it succeeds. It is *held* when the system refuses it.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import mmap
import os
import resource
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from autograder.modules import Modules
from autograder.sandbox import linux
from autograder.values import Value

HELD = "held"
WANTED = ("run honest code", "answer at all")
_PTRACE_ATTACH, _PTRACE_TRACEME = 16, 0


def attempts(modules: Modules, *, places: dict[str, str], memory: int) -> dict[str, str]:
    """Try everything once. `places` exist outside: a secret, a folder, a file and a process of the grader.

    `memory` is more than it may take, or 0 where its memory is not limited.
    """
    tries: Mapping[str, Callable[[], object]] = {
        "read a secret file": lambda: Path(places["secret"]).read_bytes(),
        "list a foreign folder": lambda: list(Path(places["folder"]).iterdir()),
        "read the grader's own files": lambda: Path(places["grader"]).read_bytes(),
        "write a file": lambda: Path(places["folder"], "written").write_bytes(b""),
        "see another process": lambda: Path(f"/proc/{places['process']}/cmdline").read_bytes(),
        "see its own memory map": lambda: Path("/proc/self/maps").read_bytes(),
        "become root": lambda: os.setuid(0) if os.getuid() else _refused("it is"),
        "raise its limits": lambda: resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY,) * 2),
        "open a thousand descriptors": _open_many,
        "dump or trace itself": _be_traced,
        "gain privileges by a program": lambda: None if linux.prctl(39) != 1 else _refused("no_new_privs"),
    }
    results = {name: _outcome(action) for name, action in tries.items()}
    results |= {name: _outcome(action, errno.EPERM) for name, action in _calls().items()}
    results["take more memory than allowed"] = (
        _outcome(lambda: mmap.mmap(-1, memory).close()) if memory else HELD
    )
    results["keep a descriptor of the grader"] = _outcome(_stray_descriptors)
    results["inherit the grader's environment"] = _outcome(lambda: _stray_variables(places["variables"]))
    return results


def late_import(modules: Modules) -> str:
    """Why a module that nothing has loaded yet cannot be imported; empty if it can."""
    name = next(name for name in ("wave", "imaplib", "mailbox", "nothing") if name not in sys.modules)
    try:
        importlib.import_module(name)
    except Exception as error:
        return (
            f"{type(error).__name__}: {error}; a child can import only what was imported before it was made"
        )
    return ""


def honest(modules: Modules, *, device: str = "cpu") -> Value:
    """What student code does: convolve, differentiate, start a thread."""
    image = torch.ones(1, 1, 8, 8, device=device, requires_grad=True)
    result = torch.nn.functional.conv2d(image, torch.ones(1, 1, 3, 3, device=device))
    result.sum().backward()
    done: list[int] = []
    thread = threading.Thread(target=done.append, args=(1,))
    thread.start()
    thread.join()
    gradient = None if image.grad is None else image.grad.cpu()
    return [result.sum().item(), gradient, len(done)]


def _refused(why: str) -> None:
    raise PermissionError(errno.EPERM, why)


def _outcome(action: Callable[[], object], wanted: int | None = None) -> str:
    try:
        action()
    except OSError as error:
        if wanted is None or error.errno == wanted:
            return HELD
        return f"not refused as such: {error}"
    except ValueError:
        return HELD
    return "it worked"


def _calls() -> dict[str, Callable[[], object]]:
    """System calls that the filter refuses, whatever else is in their way."""
    return {
        "start a process": _fork,
        "run a program": lambda: os.execv("/nonexistent", ["x"]),
        "open an internet socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
        "open a datagram socket": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close(),
        "open a unix socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "make a file in memory": lambda: os.close(os.memfd_create("x")),
        "send a signal": lambda: os.kill(os.getpid(), 0),
        "trace a process": lambda: _traced(_PTRACE_ATTACH, os.getppid()),
        "make a folder": Path("/nonexistent/x").mkdir,
        "delete a file": Path("/nonexistent/x").unlink,
        "change its root": lambda: os.chroot("/"),
        "mount": lambda: linux.mount("none", "/", "tmpfs", 0),
        "enter a namespace": lambda: linux.unshare(0),
    }


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _traced(request: int, pid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ctypes.c_long(request), ctypes.c_long(pid), None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def _be_traced() -> None:
    if linux.prctl(linux.PR_GET_DUMPABLE) == 0:
        _refused("not dumpable")


def _open_many() -> None:
    opened = []
    try:
        for _ in range(1000):
            opened.append(os.dup(0))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _stray_descriptors() -> None:
    for descriptor in range(4, 64):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        return
    _refused("none")


def _stray_variables(names: str) -> None:
    if not set(os.environ) & set(names.split()):
        _refused("none")
