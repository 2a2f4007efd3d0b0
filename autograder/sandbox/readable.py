"""What a child may read: Python's library, the installed packages without the grader, a few system files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

SYSTEM = """
/etc/ld.so.cache /usr/share/zoneinfo /dev/null /dev/zero /dev/urandom /dev/random
/proc/cpuinfo /proc/meminfo /proc/sys/vm/overcommit_memory
/sys/devices/system/cpu /sys/devices/system/node /sys/kernel/mm/transparent_hugepage
"""
CUDA = "/proc/driver/nvidia /proc/devices /proc/modules /sys/module/nvidia /sys/bus/pci /sys/devices"
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
    found = [
        path for folder in libraries if folder not in hidden for path in _without(folder, hidden, libraries)
    ]
    for folder in _system_libraries():
        if any(library.is_relative_to(folder) for library in libraries):
            found += [path for path in folder.glob("*.so*") if path.is_file()]
        else:
            found += _without(folder, hidden, libraries)
    found += [Path(name) for name in SYSTEM.split() if Path(name).exists()]
    return [path for path in dict.fromkeys(found) if not any(parent in found for parent in path.parents)]


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
    lines = Path("/proc/self/maps").read_text("utf-8", "replace").splitlines()
    mapped = {Path(line[line.index("/") :]).parent for line in lines if ".so" in line and "/" in line}
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


def _without(folder: Path, hidden: set[Path], libraries: Sequence[Path]) -> Iterator[Path]:
    """`folder` itself, or those of its parts that hold nothing hidden and are no library of their own."""
    if folder in hidden and folder not in libraries:
        return
    apart = {"site-packages", "dist-packages"}
    if not _holds(folder, hidden) and not any((folder / name).is_dir() for name in apart):
        yield folder
        return
    for entry in sorted(folder.iterdir()):
        path = entry.resolve()
        if path in hidden or entry in hidden or entry.name in apart or entry in libraries:
            continue
        if entry.is_symlink():
            continue
        if entry.is_dir() and _holds(entry, hidden):
            yield from _without(entry, hidden, libraries)
        else:
            yield entry


def _holds(folder: Path, hidden: set[Path]) -> bool:
    return any(path != folder and path.is_relative_to(folder) for path in hidden)
