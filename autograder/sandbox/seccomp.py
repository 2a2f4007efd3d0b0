"""The allow-list of system calls, as a BPF program assembled by hand for x86-64 and aarch64.

What is not listed fails with EPERM; calls newer than Linux 5.1 fail with ENOSYS, so that libraries fall back
to the older ones that can be checked (clone3 and openat2 hide their flags behind a pointer).
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable, Mapping

from autograder.sandbox.linux import ARCHITECTURES

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_NEWER, _X32 = 424, 0x40000000
_COLUMN = {"x86_64": 0, "aarch64": 1}

# name: (number on x86-64, number on aarch64), None where it does not exist; see the kernel's unistd.h
_FREE: Mapping[str, tuple[int | None, int | None]] = {
    # reading files, and the descriptors that are there
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "stat": (4, None), "fstat": (5, 80),
    "lstat": (6, None),
    "lseek": (8, 62), "pread64": (17, 67), "readv": (19, 65), "writev": (20, 66), "access": (21, None),
    "preadv": (295, 69), "preadv2": (327, 286), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "getcwd": (79, 17), "readlink": (89, None), "statfs": (137, 43), "fstatfs": (138, 44),
    "getdents64": (217, 61), "fadvise64": (221, 223), "newfstatat": (262, 79), "readlinkat": (267, 78),
    "faccessat": (269, 48), "faccessat2": (439, 439), "statx": (332, 291), "close_range": (436, 436),
    # memory: PROT_EXEC stays allowed, oneDNN compiles its kernels
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "mincore": (27, 232), "madvise": (28, 233), "get_mempolicy": (239, 236),
    "mbind": (237, 235),
    # waiting
    "poll": (7, None), "select": (23, None), "pselect6": (270, 72), "ppoll": (271, 73),
    "epoll_wait": (232, None),
    "epoll_ctl": (233, 21), "epoll_pwait": (281, 22), "epoll_create1": (291, 20), "pause": (34, None),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "futex": (202, 98), "sched_yield": (24, 124),
    "restart_syscall": (219, 128),
    # signals of its own
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133), "sigaltstack": (131, 132),
    # threads and the end
    "exit": (60, 93), "exit_group": (231, 94), "set_tid_address": (218, 96), "set_robust_list": (273, 99),
    "rseq": (334, 293), "membarrier": (324, 283), "arch_prctl": (158, None), "gettid": (186, 178),
    # asking
    "getpid": (39, 172), "uname": (63, 160), "gettimeofday": (96, 169), "getrlimit": (97, 163),
    "getrusage": (98, 165), "sysinfo": (99, 179), "times": (100, 153), "time": (201, None),
    "getuid": (102, 174),
    "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173),
    "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156), "getgroups": (115, 158),
    "getresuid": (118, 148), "getresgid": (120, 150), "capget": (125, 90), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "sched_getaffinity": (204, 123), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "getcpu": (309, 168), "getrandom": (318, 278),
}  # fmt: skip
_CHECKED: Mapping[str, tuple[int | None, int | None]] = {
    "open": (2, None), "openat": (257, 56), "clone": (56, 220), "fcntl": (72, 25), "ioctl": (16, 29),
    "prctl": (157, 167), "prlimit64": (302, 261), "tgkill": (234, 131),
}  # fmt: skip
_FOR_CUDA: Mapping[str, tuple[int | None, int | None]] = {
    "pipe2": (293, 59), "eventfd2": (290, 19), "sched_setaffinity": (203, 122), "mlock": (149, 228),
    "munlock": (150, 229), "set_mempolicy": (238, 237),
}  # fmt: skip

_WRITING = (
    os.O_WRONLY
    | os.O_RDWR
    | os.O_CREAT
    | os.O_TRUNC
    | os.O_APPEND
    | os.O_PATH
    | os.O_TMPFILE & ~os.O_DIRECTORY
)
_MAKING = os.O_CREAT | os.O_TRUNC | os.O_PATH | os.O_TMPFILE & ~os.O_DIRECTORY
_THREAD = 0x00010000 | 0x00000800 | 0x00000100  # CLONE_THREAD, CLONE_SIGHAND, CLONE_VM
_NAMESPACES = 0x7E020000 | 0x00002000 | 0x00008000 | 0x80  # CLONE_NEW*, CLONE_PTRACE, CLONE_PARENT
_FCNTL = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, FIONREAD, FIONCLEX, FIOCLEX
_PRCTL = (2, 3, 15, 16, 21, 23, 39, 0x53564D41)  # PR_GET_*, PR_SET_NAME, PR_CAPBSET_READ, PR_SET_VMA


def program(machine: str, pid: int, accelerator: bool = False) -> bytes:
    """The filter for process `pid`; with `accelerator`, device files can be used too."""
    column = _COLUMN[machine]
    code = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL)]
    code += [(_LOAD, 0, 0, _NUMBER)]
    if machine == "x86_64":
        code += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    free = {**_FREE, **(_FOR_CUDA if accelerator else {})}
    for numbers in free.values():
        code += _case(numbers[column], [(_RETURN, 0, 0, _ALLOW)])
    for name, block in _conditions(pid, accelerator).items():
        code += _case(_CHECKED[name][column], block)
    code += [(_AT_LEAST, 0, 1, _NEWER), _refuse(errno.ENOSYS), _refuse(errno.EPERM)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


_Instruction = tuple[int, int, int, int]


def _refuse(number: int) -> _Instruction:
    return (_RETURN, 0, 0, _ERRNO | number)


def _case(number: int | None, block: list[_Instruction]) -> list[_Instruction]:
    return [] if number is None else [(_EQUAL, 0, len(block), number), *block]


def _conditions(pid: int, accelerator: bool) -> dict[str, list[_Instruction]]:
    forbidden = _MAKING if accelerator else _WRITING
    return {
        "open": _bits(1, 0, forbidden),
        "openat": _bits(2, 0, forbidden),
        "clone": _bits(0, _THREAD, _NAMESPACES),
        "fcntl": _one_of(1, _FCNTL),
        "ioctl": [(_RETURN, 0, 0, _ALLOW)] if accelerator else _one_of(1, _IOCTL),
        "prctl": _one_of(0, _PRCTL),
        "prlimit64": _null(2),
        "tgkill": _one_of(0, (pid,)),
    }


def _bits(argument: int, needed: int, forbidden: int) -> list[_Instruction]:
    """Allow when all bits of `needed` and none of `forbidden` are set in the argument's low word."""
    load = (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    check = [(_ANY_BIT, 0, 1, forbidden), _refuse(errno.EPERM), (_AND, 0, 0, needed), (_EQUAL, 0, 1, needed)]
    return [load, *check, (_RETURN, 0, 0, _ALLOW), _refuse(errno.EPERM)]


def _one_of(argument: int, values: Iterable[int]) -> list[_Instruction]:
    block = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument)]
    for value in values:
        block += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [*block, _refuse(errno.EPERM)]


def _null(argument: int) -> list[_Instruction]:
    low = _ARGUMENTS + 8 * argument
    halves = [(_LOAD, 0, 0, low), (_EQUAL, 0, 3, 0), (_LOAD, 0, 0, low + 4), (_EQUAL, 0, 1, 0)]
    return [*halves, (_RETURN, 0, 0, _ALLOW), _refuse(errno.EPERM)]
