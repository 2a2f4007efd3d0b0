"""System calls that Python does not offer, by ctypes. Each wrapper raises OSError like Python's own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import time
from collections.abc import Iterable
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_held = ctypes.PyDLL(
    None, use_errno=True
)  # keeps the interpreter's lock, so that a raw clone is a proper fork

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINE = platform.machine()
_NUMBERS = {
    "x86_64": {"clone": 56, "pivot_root": 155, "seccomp": 317},
    "aarch64": {"clone": 220, "pivot_root": 41, "seccomp": 277},
}.get(MACHINE, {})
_CLOSE_RANGE, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 436, 444, 445, 446

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_CLONE_CHILD_SETTID, _CLONE_CHILD_CLEARTID = 0x01000000, 0x00200000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 0x40000, 2
PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 3, 4, 24
PR_SET_NO_NEW_PRIVS, PR_GET_TID_ADDRESS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 40, 47, 4
LARGE_PAGE, _MADV_COLLAPSE = 2**21, 25
_CAPABILITY_VERSION_3 = 0x20080522


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _syscall(number: int, *arguments: object) -> int:
    _libc.syscall.restype = ctypes.c_long
    return int(_libc.syscall(ctypes.c_long(number), *arguments))


def prctl(option: int, value: int = 0, third: int = 0) -> int:
    """prctl(2)."""
    words = [ctypes.c_ulong(word) for word in (value, third, 0, 0)]
    return _checked(_libc.prctl(ctypes.c_int(option), *words), f"prctl {option}")


def unshare(flags: int) -> None:
    """unshare(2)."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """mount(2)."""
    words = [os.fsencode(word) for word in (source, target, kind)]
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), os.fsencode(data)), f"mount on {target}")


def pivot_root(new: str) -> None:
    """Make the mount `new` the root, and let go of the old one."""
    os.chdir(new)
    _checked(_syscall(_NUMBERS["pivot_root"], b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", ctypes.c_int(MNT_DETACH)), "umount of the old root")
    os.chdir("/")


def close_from(first: int) -> None:
    """Close every descriptor from `first` on."""
    if _syscall(_CLOSE_RANGE, ctypes.c_uint(first), ctypes.c_uint(0xFFFFFFFF), ctypes.c_uint(0)) < 0:
        os.closerange(first, 65536)


def drop_capabilities() -> None:
    """Empty every capability set that can be emptied."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    with contextlib.suppress(OSError):
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)


def forget_capabilities() -> None:
    """Give up all effective, permitted and inheritable capabilities."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def memory_map() -> list[str]:
    """The lines of this process's memory map. Names in them may hold every other sign that ends a line."""
    return list(filter(None, Path("/proc/self/maps").read_text("utf-8", "replace").split("\n")))


def own_memory() -> list[range]:
    """The addresses of this process's memory that is in no file, as its map has them now."""
    found = []
    for line in memory_map():
        addresses, rights, _, _, _, *name = line.split(maxsplit=5)
        if "w" in rights and not (name and name[0].startswith("/")):
            first, last = (int(address, 16) for address in addresses.split("-"))
            found.append(range(first, last))
    return found


def in_large_pages(memory: Iterable[range], seconds: float = 2.0) -> None:
    """Let the kernel put large pages of `memory` together. Before Linux 6.1 everything stays as it is.

    So does what is left after `seconds`: where memory is in small pieces, the kernel makes room first.
    """
    deadline = time.monotonic() + seconds
    for part in memory:
        for start in range(-(-part.start // LARGE_PAGE) * LARGE_PAGE, part.stop - LARGE_PAGE + 1, LARGE_PAGE):
            if time.monotonic() > deadline:
                return
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(LARGE_PAGE), ctypes.c_int(_MADV_COLLAPSE))


def fork_in_pid_namespace() -> int:
    """Like os.fork(), but the child is process 1 of a fresh pid namespace. For a process with one thread."""
    flags = CLONE_NEWPID | signal.SIGCHLD
    place = ctypes.c_ulong(0)
    if _libc.prctl(PR_GET_TID_ADDRESS, ctypes.byref(place), 0, 0, 0) == 0 and place.value:
        flags |= _CLONE_CHILD_SETTID | _CLONE_CHILD_CLEARTID  # glibc keeps the thread's id there
    tid = ctypes.c_void_p(place.value)
    last = (tid, None) if MACHINE == "x86_64" else (None, tid)
    ctypes.pythonapi.PyOS_BeforeFork()
    _held.syscall.restype = ctypes.c_long
    pid = _held.syscall(ctypes.c_long(_NUMBERS["clone"]), ctypes.c_ulong(flags), None, None, *last)
    error = ctypes.get_errno()
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, f"clone: {os.strerror(error)}")
    return int(pid)


# ---- seccomp ---------------------------------------------------------------------------------------


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install_filter(program: bytes) -> None:
    """Put a BPF program over this process's system calls. It must hold PR_SET_NO_NEW_PRIVS."""
    argument = _Program(len(program) // 8, program)
    spec_allow = 4  # without it, kernels before 5.16 slow the whole process down against speculation
    for flags in (spec_allow, 0):
        if _syscall(_NUMBERS["seccomp"], ctypes.c_uint(1), ctypes.c_uint(flags), ctypes.byref(argument)) == 0:
            return
    _checked(-1, "seccomp")


# ---- Landlock --------------------------------------------------------------------------------------

_READ_FILE, _READ_DIR, _WRITE_FILE, _IOCTL_DEV = 1 << 2, 1 << 3, 1 << 1, 1 << 15
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}


def landlock_version() -> int:
    """The kernel's Landlock ABI; OSError where there is none."""
    return _checked(_syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1)), "landlock")


def _ruleset(version: int, files: int, network: int, scopes: int) -> int:
    words = [files] + [network] * (version >= 4) + [scopes] * (version >= 6)
    attributes = (ctypes.c_uint64 * len(words))(*words)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    return _checked(_syscall(_LANDLOCK_CREATE, attributes, size, ctypes.c_uint(0)), "landlock_create_ruleset")


def _restrict(ruleset: int) -> None:
    try:
        _checked(
            _syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0)), "landlock_restrict_self"
        )
    finally:
        os.close(ruleset)


def landlock_files(readable: Iterable[Path], devices: Iterable[Path]) -> int:
    """Allow reading below `readable` and using `devices`, and nothing else of files or of TCP; the ABI."""
    version = landlock_version()
    handled = _FILE_RIGHTS[max(key for key in _FILE_RIGHTS if key <= version)]
    ruleset = _ruleset(version, handled, 3, 3)
    for path in readable:
        _allow(ruleset, path, _READ_FILE | (_READ_DIR if path.is_dir() else 0))
    for path in devices:
        _allow(ruleset, path, (_READ_FILE | _WRITE_FILE | _IOCTL_DEV) & handled)
    _restrict(ruleset)
    return version


def landlock_scope() -> None:
    """One more layer, for this process only: no signal and no abstract socket beyond itself (ABI 6)."""
    if landlock_version() >= 6:
        _restrict(_ruleset(6, 0, 3, 3))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what cannot be opened cannot be read either
    try:
        rule = _Beneath(access, place)
        done = _syscall(
            _LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint(0)
        )
        _checked(done, f"landlock rule for {path}")
    finally:
        os.close(place)
