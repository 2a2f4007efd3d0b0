"""What a child may read: Python's library, the installed packages without the grader, a few system files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.sandbox import linux

SYSTEM = """
/etc/ld.so.cache /usr/share/zoneinfo /dev/null /dev/zero /dev/urandom /dev/random
/proc/cpuinfo /proc/meminfo /proc/sys/vm/overcommit_memory
/sys/devices/system/cpu /sys/devices/system/node /sys/kernel/mm/transparent_hugepage
"""
CUDA = "/proc/driver/nvidia /proc/devices /proc/modules /sys/module/nvidia /sys/bus/pci /sys/devices"
_PACKAGES = frozenset({"site-packages", "dist-packages"})
_INSTALLER = ("__editable__*", "*.pth", "*.egg-link")


def readable(package_root: Path, secret: Iterable[Path]) -> list[Path]:
    """The files and folders that may be read; none holds anything of `secret` or of the grader's package.

    `package_root` is the folder that holds the grader's package; if that is a folder of installed packages,
    the grader's own entries are left out of it, else the whole folder is.
    """
    libraries = _libraries()
    hidden = {path.resolve() for path in secret}
    if package_root in libraries:
        hidden |= set(_own_entries(package_root))
    else:
        hidden.add(package_root)
    for folder in libraries:
        hidden |= {path for pattern in _INSTALLER for path in folder.glob(pattern)}
    apart = _Apart(frozenset(hidden), frozenset(libraries))
    found = [path for folder in libraries if folder not in hidden for path in _without(folder, apart)]
    for folder in _system_libraries():
        if any(library.is_relative_to(folder) for library in libraries):
            found += [path for path in folder.glob("*.so*") if path.is_file()]
        else:
            found += _without(folder, apart)
    found += [Path(name) for name in SYSTEM.split() if Path(name).exists()]
    shown = dict.fromkeys(found)
    return [path for path in shown if not any(parent in shown for parent in path.parents)]


def devices() -> list[Path]:
    """The device files of NVIDIA's driver, where there are any."""
    found = [
        *Path("/dev").glob("nvidia[0-9]*"),
        *Path("/dev").glob("nvidiactl"),
        *Path("/dev").glob("nvidia-uvm*"),
    ]
    return sorted(found)


def _libraries() -> list[Path]:
    """The folders of the interpreter that is running, as `-I` and its site module set them up."""
    prefixes = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    folders = [Path(entry).resolve() for entry in sys.path if entry]
    inside = [f for f in folders if f.is_dir() and any(f.is_relative_to(prefix) for prefix in prefixes)]
    return list(dict.fromkeys(inside))


def _system_libraries() -> list[Path]:
    """The folders that shared libraries of this process were loaded from, and the loader's usual ones."""
    lines = (line for line in linux.memory_map() if ".so" in line and "/" in line)
    mapped = {Path(line[line.index("/") :]).parent for line in lines}
    usual = [Path("/lib64"), Path("/usr/lib64"), *Path("/usr/lib").glob("*-linux-gnu")]
    return [path.resolve() for path in (*sorted(mapped), *usual) if path.is_dir()]


def _own_entries(site: Path) -> Iterator[Path]:
    """What the distribution that holds the grader's package put at the top of `site`."""
    package = __name__.partition(".")[0]
    yield site / package
    for listing in site.glob("*.dist-info/top_level.txt"):
        names = listing.read_text("utf-8", "replace").split()
        if package in names:
            yield listing.parent
            yield from (path for name in names for path in site.glob(f"{name}*"))


class _Apart:
    """What is hidden, and the folders of libraries: each is looked at by itself, not as part of another."""

    def __init__(self, hidden: frozenset[Path], libraries: frozenset[Path]) -> None:
        self.hidden, self.libraries = hidden, libraries
        self.above = frozenset(parent for path in hidden for parent in path.parents)
        """The folders that hold something hidden."""


def _without(folder: Path, apart: _Apart) -> Iterator[Path]:
    """`folder`, which is no link, or those of its parts that hold nothing hidden and are no library.

    Links are left out. Each start of the sandbox goes through hundreds of files here, so none is looked up
    on the disk but for what a listing says of it.
    """
    if folder in apart.hidden and folder not in apart.libraries:
        return
    if folder not in apart.above and not any((folder / name).is_dir() for name in _PACKAGES):
        yield folder
        return
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        path = folder / entry.name
        if entry.is_symlink() or entry.name in _PACKAGES or path in apart.hidden or path in apart.libraries:
            continue
        if path in apart.above:
            yield from _without(path, apart)
        else:
            yield path
