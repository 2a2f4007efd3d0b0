"""Folders and zips as flat lists of files; only what is asked for by name is ever read."""

from __future__ import annotations

import io
import os
import re
import stat
import weakref
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from autograder.errors import UsageError, reason
from autograder.text import printable, visible

MAX_ENTRIES = 5_000
MAX_DIRECTORY = 2 << 20
"""Bytes of a zip's table of contents: what `zipfile` would read at once, whatever the zip claims."""
IGNORED = {"__MACOSX", "__pycache__"}


@dataclass(frozen=True)
class Bounds:
    """How much is looked at: files, bytes of a zip and of its table of contents, levels of folders."""

    entries: int
    archive: int
    directory: int
    depth: int
    advice: str


ONE = Bounds(MAX_ENTRIES, 256 << 20, MAX_DIRECTORY, 2, "hand in only the modules and the notebook")
"""One submission."""
DEEP = replace(ONE, depth=8)
"""One submission whose modules are not where they should be."""
MANY = Bounds(200_000, 8 << 30, 32 << 20, 16, "unpack it and grade the folder")
"""A platform's download of a whole class."""


class SubmissionError(UsageError):
    """What was handed in cannot be read at all; the text names the file and says what to do."""

    def __str__(self) -> str:
        return visible(super().__str__(), "?")


class FileProblem(Exception):
    """One file cannot be read; the text is a sentence without the file's name."""


@dataclass(frozen=True)
class Entry:
    """A file that was handed in: its path parts, and how to read at most so many of its bytes."""

    parts: tuple[str, ...]
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.parts[-1]

    @property
    def folder(self) -> tuple[str, ...]:
        """The parts before the last."""
        return self.parts[:-1]

    @property
    def shown(self) -> str:
        """The path as one short printable line."""
        return printable("/".join(self.parts))


def _quiet(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in IGNORED for part in parts)


@dataclass(frozen=True)
class Top:
    """What is at the root of a folder or zip: a file, or a folder whose files are listed when asked for.

    `files` gives the entries within some bounds, by their paths below the folder; of a file, only itself.
    `tops` gives what is at the root of the folder.
    """

    name: str
    folder: bool
    files: Callable[[Bounds], list[Entry]]
    tops: Callable[[], list[Top]]


@contextmanager
def entries(path: Path, bounds: Bounds = ONE) -> Iterator[list[Entry]]:
    """The files of a folder or zip, within bounds. SubmissionError when it is neither."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise SubmissionError(f"{path}: {reason(error)}") from None
    if stat.S_ISDIR(mode):
        yield _of_folder(path, bounds)
    elif stat.S_ISREG(mode):
        with _file(path, bounds) as stream:
            yield list(_of_archive(path, _archive(path, stream, bounds), bounds))
    else:
        raise SubmissionError(f"{path}: neither a folder nor a zip file; hand in one of these")


def entries_within(path: Path, data: bytes, bounds: Bounds = ONE) -> list[Entry]:
    """The files of a zip that is in another one, as `entries` gives them. `path` is how it is called."""
    return list(_of_archive(path, _archive(path, _Bytes(data), bounds), bounds))


def tops(path: Path) -> list[Top]:
    """What is at the root of a folder or zip of many submissions. SubmissionError when it is neither.

    Nothing below the root is looked at yet, so that what is wrong in one folder costs that folder only. A zip
    stays open as long as its entries are used.
    """
    if path.is_dir():
        return _tops_of_folder(path)
    stream = _file(path, MANY)
    archive = _archive(path, stream, MANY)
    weakref.finalize(archive, stream.close)
    return _grouped(path, list(_of_archive(path, archive, MANY, strict=False)))


def _tops_of_folder(path: Path) -> list[Top]:
    found = []
    try:
        listed = sorted(os.scandir(path), key=lambda entry: entry.name)
        if len(listed) > MANY.entries:
            raise _too_many(path, MANY)
        for entry in listed:
            if not _quiet((entry.name,)):
                found.append(_top_of_folder(path, entry.name, entry.is_dir(follow_symlinks=False)))
    except OSError as error:
        raise SubmissionError(f"{path}: {reason(error)}") from None
    return found


def _top_of_folder(path: Path, name: str, folder: bool) -> Top:
    if folder:
        return Top(name, True, partial(_of_folder, path / name), partial(_tops_of_folder, path / name))
    alone = [Entry((name,), partial(_read_regular, path, (name,)))]
    return Top(name, False, lambda _: alone, list)


def _grouped(path: Path, found: Sequence[Entry]) -> list[Top]:
    """What is at the root of a zip, in the order in which it comes there."""
    below: dict[str, list[Entry]] = {}
    found_tops: list[Top] = []
    for entry in found:
        if not entry.folder:
            found_tops.append(Top(entry.name, False, partial(_itself, entry), list))
            continue
        if entry.parts[0] not in below:
            inside = below[entry.parts[0]] = []
            place = path / entry.parts[0]
            files, deeper = partial(_bounded, place, inside), partial(_grouped, place, inside)
            found_tops.append(Top(entry.parts[0], True, files, deeper))
        below[entry.parts[0]].append(replace(entry, parts=entry.parts[1:]))
    return found_tops


def _itself(entry: Entry, bounds: Bounds) -> list[Entry]:
    return [entry]


def _bounded(path: Path, found: Sequence[Entry], bounds: Bounds) -> list[Entry]:
    if len(found) > bounds.entries:
        raise _too_many(path, bounds)
    return [entry for entry in found if len(entry.parts) <= bounds.depth]


def _too_many(path: Path, bounds: Bounds) -> SubmissionError:
    return SubmissionError(f"{path}: holds more than {bounds.entries} files; {bounds.advice}")


# ---- folders ---------------------------------------------------------------------------------------


def _of_folder(path: Path, bounds: Bounds) -> list[Entry]:
    found = (Entry(parts, partial(_read_regular, path, parts)) for parts in _walk(path, bounds.depth))
    few = list(islice(found, bounds.entries + 1))
    if len(few) > bounds.entries:
        raise _too_many(path, bounds)
    return few


def _walk(root: Path, depth: int, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of files, down to `depth`, by name. No link to a folder is followed."""
    try:
        found = sorted(os.scandir(root.joinpath(*above)), key=lambda entry: entry.name)
    except OSError as error:
        raise SubmissionError(f"{root.joinpath(*above)}: {reason(error)}") from None
    for entry in found:
        parts = (*above, entry.name)
        if _quiet(parts):
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield parts
        elif len(parts) < depth:
            yield from _walk(root, depth, parts)


def _read_regular(root: Path, parts: tuple[str, ...], limit: int) -> bytes:
    """At most `limit` bytes of a regular file; links and devices are refused, and nothing blocks."""
    path = root.joinpath(*parts)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise FileProblem("it is a symlink or not a regular file; hand in the file itself")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileProblem("it is not a regular file")
            return _within(stream.read(limit + 1), limit)
    except OSError as error:
        raise FileProblem(f"it cannot be read ({reason(error)})") from None


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise FileProblem(f"it is larger than {limit >> 10} KiB")
    return data


# ---- zips ------------------------------------------------------------------------------------------


class _File(io.FileIO):
    """The bytes of a file; while `bound` is set, nothing larger is read in one go."""

    bound = 0

    def read(self, size: int | None = -1, /) -> bytes:
        _no_more(self, size)
        return super().read(size) or b""


class _Bytes(io.BytesIO):
    """Bytes in memory, read with the same care."""

    bound = 0

    def read(self, size: int | None = -1, /) -> bytes:
        _no_more(self, size)
        return super().read(size)


def _no_more(stream: _File | _Bytes, size: int | None) -> None:
    if stream.bound:
        here = stream.tell()
        left = stream.seek(0, io.SEEK_END) - here
        stream.seek(here)
        if (left if size is None or size < 0 else min(size, left)) > stream.bound:
            raise SubmissionError("its table of contents is too long")


def _archive(path: Path, stream: _File | _Bytes, bounds: Bounds) -> zipfile.ZipFile:
    stream.bound = bounds.directory
    try:
        archive = zipfile.ZipFile(stream)
    except SubmissionError:
        raise _too_many(path, bounds) from None
    except Exception:  # zipfile raises all kinds on hostile bytes
        raise SubmissionError(f"{path}: not a readable zip file; hand in a .zip or a folder") from None
    stream.bound = 0
    return archive


def _file(path: Path, bounds: Bounds) -> _File:
    try:
        stream = _File(path)
    except OSError as error:
        raise SubmissionError(f"{path}: {reason(error)}") from None
    if os.fstat(stream.fileno()).st_size > bounds.archive:
        stream.close()
        raise SubmissionError(f"{path}: larger than {bounds.archive >> 20} MiB; {bounds.advice}")
    return stream


def _of_archive(path: Path, archive: zipfile.ZipFile, bounds: Bounds, strict: bool = True) -> Iterator[Entry]:
    """The files of a zip. One that points outside of it refuses it, or is passed over if not `strict`."""
    infos = archive.infolist()
    if len(infos) > bounds.entries:
        raise _too_many(path, bounds)
    if not infos:
        raise SubmissionError(f"{path}: the zip is empty; it must hold the modules of the lab")
    for info in infos:
        parts = _safe_parts(info.orig_filename)
        if parts is None:
            if not strict:
                continue
            shown = ascii(info.orig_filename)[:80]
            raise SubmissionError(
                f"{path}: refused, its entry {shown} points outside of the zip; make the zip again"
            )
        if not parts or info.is_dir() or _quiet(parts) or len(parts) > bounds.depth:
            continue
        yield Entry(parts, partial(_read_member, archive, info))


def _safe_parts(name: str) -> tuple[str, ...] | None:
    """The parts of a member's name; None for names that no honest tool writes."""
    name = name.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if "\0" in name or name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in parts:
        return None
    return parts


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    if info.flag_bits & 0x1:
        raise FileProblem("it is encrypted; make the zip without a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileProblem(
            "it is compressed in an unusual way; make the zip with ordinary (deflate) compression"
        )
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise FileProblem("it is a symlink or not a regular file; hand in the file itself")
    if info.file_size > limit:
        raise FileProblem(f"it is larger than {limit >> 10} KiB")
    try:
        with archive.open(info) as stream:
            return _within(stream.read(limit + 1), limit)
    except Exception as error:  # zipfile and zlib raise all kinds on hostile bytes
        raise FileProblem(f"it is damaged in the zip ({printable(str(error))}); make the zip again") from None
