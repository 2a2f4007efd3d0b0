"""Folders and zips as flat lists of files; only what is asked for by name is ever read."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MAX_ENTRIES = 5_000
MAX_ARCHIVE = 256 << 20
IGNORED = {"__MACOSX", "__pycache__"}


class SubmissionError(Exception):
    """What was handed in cannot be read at all; the text names the file and says what to do."""


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


def _quiet(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in IGNORED for part in parts)


@contextmanager
def entries(path: Path) -> Iterator[list[Entry]]:
    """The files of a folder or zip, no more than one folder deep. SubmissionError when it is neither."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SubmissionError(f"{path}: {error.strerror or error}") from None
    if stat.S_ISDIR(mode):
        yield list(_of_folder(path))
    elif stat.S_ISREG(mode):
        with _opened(path) as archive:
            yield list(_of_archive(path, archive))
    else:
        raise SubmissionError(f"{path}: neither a folder nor a zip file")


# ---- folders ---------------------------------------------------------------------------------------


def _of_folder(root: Path) -> Iterator[Entry]:
    for parts in _walk(root):
        yield Entry(parts, lambda limit, parts=parts: _read_regular(root.joinpath(*parts), limit))  # type: ignore[misc]


def _walk(root: Path, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    try:
        found = sorted(os.scandir(root.joinpath(*above)), key=lambda entry: entry.name)
    except OSError as error:
        raise SubmissionError(f"{root.joinpath(*above)}: {error.strerror or error}") from None
    for entry in found[:MAX_ENTRIES]:
        parts = (*above, entry.name)
        if _quiet(parts):
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield parts
        elif not above:
            yield from _walk(root, parts)


def _read_regular(path: Path, limit: int) -> bytes:
    """At most `limit` bytes of a regular file; links and devices are refused, and nothing blocks."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise FileProblem("it is a link; hand in the file itself") from None
        raise FileProblem(f"it cannot be read ({error.strerror})") from None
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileProblem("it is not a regular file")
        return _within(stream.read(limit + 1), limit)


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise FileProblem(f"it is larger than {limit >> 10} KiB")
    return data


# ---- zips ------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        if path.stat().st_size > MAX_ARCHIVE:
            raise SubmissionError(f"{path}: larger than {MAX_ARCHIVE >> 20} MiB")
        archive = zipfile.ZipFile(path)
    except SubmissionError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RecursionError) as error:
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        raise SubmissionError(
            f"{path}: not a zip file that can be read{reason}; hand in a .zip or a folder"
        ) from None
    with archive:
        yield archive


def _of_archive(path: Path, archive: zipfile.ZipFile) -> Iterator[Entry]:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise SubmissionError(f"{path}: holds {len(infos)} files; more than {MAX_ENTRIES} are not read")
    if not infos:
        raise SubmissionError(f"{path}: the zip is empty; it must hold the four modules")
    for info in infos:
        parts = _safe_parts(path, info.orig_filename)
        if info.is_dir() or not parts or _quiet(parts) or len(parts) > 2:
            continue
        yield Entry(parts, lambda limit, info=info: _read_member(archive, info, limit))  # type: ignore[misc]


def _safe_parts(path: Path, name: str) -> tuple[str, ...]:
    """The parts of a member's name. SubmissionError for names that no honest tool writes."""
    shown = ascii(name)[:80]
    name = name.replace("\\", "/")
    if "\0" in name or name.startswith("/") or name[1:2] == ":" or ".." in PurePosixPath(name).parts:
        raise SubmissionError(f"{path}: refused, its entry {shown} points outside the zip or is malformed")
    return tuple(part for part in PurePosixPath(name).parts if part != ".")


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    if info.flag_bits & 0x1:
        raise FileProblem("it is encrypted; make the zip without a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileProblem(
            "it is compressed in an unusual way; make the zip with ordinary (deflate) compression"
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise FileProblem("it is a link or a device; hand in the file itself")
    if info.file_size > limit:
        raise FileProblem(f"it is larger than {limit >> 10} KiB")
    try:
        with archive.open(info) as stream:
            return _within(stream.read(limit + 1), limit)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise FileProblem(f"it is damaged in the zip ({error})") from None
