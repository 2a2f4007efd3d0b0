"""The filter of system calls, for both architectures, against the numbers in the kernel's headers."""

from __future__ import annotations

import struct
from functools import cache

import pytest
import syscalls

from autograder.sandbox import seccomp
from autograder.sandbox.linux import ARCHITECTURES

ALLOWED, REFUSED, NO_CALL, KILLED = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
WANTED = """
read write close fstat lseek mmap mprotect munmap brk mremap futex openat clone fcntl ioctl prctl
"""
"""Without these nothing runs."""
DANGEROUS = """
execve execveat fork vfork clone3 ptrace kill tkill socket connect bind sendto sendmsg mount umount2
chroot pivot_root unshare setns bpf io_uring_setup io_uring_enter userfaultfd memfd_create
open_by_handle_at process_vm_readv process_vm_writev
pidfd_open pidfd_getfd pidfd_send_signal init_module finit_module
kexec_load keyctl add_key request_key setuid setresuid setgid setgroups capset mkdirat unlinkat renameat
renameat2 linkat symlinkat fchmodat fchownat ftruncate truncate fallocate perf_event_open quotactl swapon
reboot syslog acct sethostname personality seccomp openat2 name_to_handle_at shmget msgget semget
"""


def outcome(program: bytes, machine: str, number: int, arguments: tuple[int, ...] = (0,) * 6) -> int:
    """What a BPF program returns for a system call: seccomp's action."""
    data = struct.pack("=iIQ6Q", number, ARCHITECTURES[machine], 0, *arguments)
    code = list(struct.iter_unpack("=HBBI", program))
    place, accumulator = 0, 0
    while True:
        operation, jump, otherwise, value = code[place]
        place += 1
        match operation:
            case 0x06:
                return int(value)
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x54:
                accumulator &= value
            case _:
                holds = {
                    0x15: accumulator == value,
                    0x35: accumulator >= value,
                    0x45: bool(accumulator & value),
                }
                place += jump if holds[operation] else otherwise


@cache
def allowed(machine: str, accelerator: bool = False) -> frozenset[str]:
    """The calls of which at least one form passes: no arguments, or all their bits set, or threads' flags."""
    program = seccomp.program(machine, 4711, accelerator)
    forms = [(0,) * 6, ((1 << 64) - 1,) * 6, (0x00010000 | 0x00000800 | 0x00000100,) * 6, (4711,) * 6]
    forms += [(0, n, 0, 0, 0, 0) for n in (0, 1, 0x5401)]
    forms += [(2, 0, 0, 0, 0, 0)]
    return frozenset(
        name
        for number, name in syscalls.names(machine).items()
        if any(outcome(program, machine, number, form) == ALLOWED for form in forms)
    )


@pytest.mark.parametrize("accelerator", [False, True])
def test_both_architectures_allow_the_same_calls(accelerator: bool) -> None:
    known = syscalls.kept()
    on_both = {name for name, (first, second) in known.items() if first is not None and second is not None}
    native, arm = (allowed(machine, accelerator) for machine in ("x86_64", "aarch64"))
    assert native & on_both == arm & on_both
    assert arm <= on_both


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_what_programs_need_passes_and_what_is_dangerous_does_not(machine: str) -> None:
    assert allowed(machine) >= {*WANTED.split()}
    assert allowed(machine, accelerator=True) >= allowed(machine)
    assert not allowed(machine, accelerator=True) & {*DANGEROUS.split()}
    assert set(syscalls.kept()) >= {*DANGEROUS.split()}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_unknown_numbers_and_other_architectures_are_refused(machine: str) -> None:
    program = seccomp.program(machine, 4711)
    known = syscalls.names(machine)
    for number in range(600):
        found = outcome(program, machine, number)
        if number not in known:
            assert found in (REFUSED, NO_CALL), number
        if number >= 424 and known.get(number) not in allowed(machine):
            assert found == NO_CALL, f"{known.get(number)}: libraries would not fall back"
    (other,) = ARCHITECTURES.keys() - {machine}
    assert outcome(program, other, 0) == KILLED


def test_calls_of_x32_are_fatal() -> None:
    assert outcome(seccomp.program("x86_64", 4711), "x86_64", 0x40000000) == KILLED


def test_the_kept_numbers_are_those_of_the_headers() -> None:
    found = syscalls.from_headers()
    if found is None:
        pytest.skip("the kernel's headers are not installed (Debian: linux-libc-dev)")
    kept = syscalls.kept()
    common = found.keys() & kept.keys()
    assert len(common) > 300
    assert {name: found[name] for name in common} == {name: kept[name] for name in common}
