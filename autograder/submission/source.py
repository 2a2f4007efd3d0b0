"""Folders and zips as flat lists of files; only what is asked for by name is ever read."""

from __future__ import annotations

import io
import os
import re
import stat
import weakref
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
MANY = Bounds(50_000, 8 << 30, 8 << 20, 4, "split the download")
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


@contextmanager
def entries(path: Path) -> Iterator[list[Entry]]:
    """The files of a folder or zip, no more than one folder deep. SubmissionError when it is neither."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise SubmissionError(f"{path}: {reason(error)}") from None
    if stat.S_ISDIR(mode):
        yield _of_folder(path, ONE)
    elif stat.S_ISREG(mode):
        with _file(path, ONE) as stream:
            yield list(_of_archive(path, _archive(path, stream, ONE), ONE))
    else:
        raise SubmissionError(f"{path}: neither a folder nor a zip file; hand in one of these")


def entries_within(path: Path, data: bytes) -> list[Entry]:
    """The files of a zip that is in another one, as `entries` gives them. `path` is how it is called."""
    return list(_of_archive(path, _archive(path, _Bytes(data), ONE), ONE))


def entries_of_many(path: Path) -> list[Entry]:
    """The files of a folder or zip that holds many submissions; a zip stays open as long as they are used."""
    if path.is_dir():
        return _of_folder(path, MANY)
    stream = _file(path, MANY)
    archive = _archive(path, stream, MANY)
    weakref.finalize(archive, stream.close)
    return list(_of_archive(path, archive, MANY))


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


def _of_archive(path: Path, archive: zipfile.ZipFile, bounds: Bounds) -> Iterator[Entry]:
    infos = archive.infolist()
    if len(infos) > bounds.entries:
        raise _too_many(path, bounds)
    if not infos:
        raise SubmissionError(f"{path}: the zip is empty; it must hold the modules of the lab")
    for info in infos:
        parts = _safe_parts(path, info.orig_filename)
        if not parts or info.is_dir() or _quiet(parts) or len(parts) > bounds.depth:
            continue
        yield Entry(parts, partial(_read_member, archive, info))


def _safe_parts(path: Path, name: str) -> tuple[str, ...]:
    """The parts of a member's name. SubmissionError for names that no honest tool writes."""
    shown = ascii(name)[:80]
    name = name.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if "\0" in name or name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in parts:
        raise SubmissionError(
            f"{path}: refused, its entry {shown} points outside of the zip; make the zip again"
        )
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
