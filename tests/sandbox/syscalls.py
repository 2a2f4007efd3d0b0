"""The numbers of Linux's system calls on x86-64 and aarch64, as the kernel's headers have them.

    python tests/sandbox/syscalls.py    # write syscalls.tsv again from the headers of this machine

`syscalls.tsv` is kept, since few machines have the headers (Debian's package linux-libc-dev).
"""

from __future__ import annotations

import re
from pathlib import Path

TABLE = Path(__file__).with_name("syscalls.tsv")
X86_64 = (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h"))
GENERIC = (Path("/usr/include/asm-generic/unistd.h"),)
"""Where Debian and others keep the two headers; aarch64 uses the generic one."""
HEADING = "# name, number on x86-64, number on aarch64 (- where there is none); Linux {}"
Numbers = dict[str, tuple[int | None, int | None]]


def kept() -> Numbers:
    """The table in `syscalls.tsv`: by name the number on x86-64 and on aarch64."""
    rows = [line.split("\t") for line in TABLE.read_text("ascii").splitlines() if not line.startswith("#")]
    return {name: (_number(first), _number(second)) for name, first, second in rows}


def names(machine: str) -> dict[int, str]:
    """The name of each number on `x86_64` or `aarch64`."""
    column = ("x86_64", "aarch64").index(machine)
    return {number: name for name, pair in kept().items() if (number := pair[column]) is not None}


def from_headers() -> Numbers | None:
    """The table as this machine's headers have it; None where they are not installed."""
    native, generic = (next((path for path in paths if path.is_file()), None) for paths in (X86_64, GENERIC))
    if native is None or generic is None:
        return None
    first = _defined(native.read_text("utf-8"), "__NR_")
    second = _aarch64(generic.read_text("utf-8"))
    return {name: (first.get(name), second.get(name)) for name in sorted(first.keys() | second.keys())}


def _aarch64(text: str) -> dict[str, int]:
    """The generic numbers; some calls go by another name where a long has 64 bits."""
    found = _defined(text, "__NR_")
    wide = _defined(text, "__NR3264_")
    names_of_64_bits = text.partition("#define __NR_fcntl64")[0]
    for name, alias in re.findall(r"^#define __NR_(\w+) __NR3264_(\w+)$", names_of_64_bits, re.MULTILINE):
        if alias in wide:
            found[name] = wide[alias]
    for name in ("syscalls", "arch_specific_syscall"):
        found.pop(name, None)
    return found


def _defined(text: str, prefix: str) -> dict[str, int]:
    pairs = re.findall(rf"^#define {prefix}(\w+)\s+(\d+)\s*$", text, re.MULTILINE)
    return {name: int(number) for name, number in pairs}


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


def main() -> None:
    """Write the table."""
    found = from_headers()
    if found is None:
        raise SystemExit("the kernel's headers are not installed (Debian: linux-libc-dev)")
    text = Path("/usr/include/linux/version.h").read_text("utf-8")
    version = dict(re.findall(r"#define LINUX_VERSION_(\w+) (\d+)", text))
    heading = HEADING.format(f"{version['MAJOR']}.{version['PATCHLEVEL']}")
    rows = ["\t".join([name, *("-" if n is None else str(n) for n in pair)]) for name, pair in found.items()]
    TABLE.write_text("\n".join([heading, *rows, ""]), "ascii")


if __name__ == "__main__":
    main()
