"""Folders and zips as flat lists of files; only what is asked for by name is ever read."""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import weakref
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from autograder.errors import UsageError, reason
from autograder.handin.reading import FileProblem
from autograder.submission.tars import Member, TarProblem, members, tar_within
from autograder.text import printable, visible

MAX_ENTRIES = 5_000
MAX_DIRECTORY = 4 << 20
"""Bytes of a zip's table of contents: what `zipfile` would read at once, whatever the zip claims."""
MAX_PATH, MAX_PART, MAX_PARTS = 1_024, 255, 32
"""Bytes of a member's path and of a part of it, and its parts: no file system keeps longer parts."""
HEADERS = 800
"""Bytes of headers for each of a tar's members, on the average."""
SPARE = 1_000
"""So many files more may be listed before it is known which of them are an environment's."""
MAX_EXTRA = 4_096
"""Bytes of what a zip says beside a member's name: `zipfile`'s time grows with the square of it."""
IGNORED = {"__MACOSX", "__pycache__", "site-packages", "node_modules"}
ENVIRONMENT = "pyvenv.cfg"
"""What marks a folder as a virtual environment; nothing in one was written by a student."""
UNREADABLE = {b"Rar!": "RAR", b"7z\xbc\xaf\x27\x1c": "7z"}
"""What archives begin with that cannot be read here."""
UTF8, UNICODE_PATH = 0x800, 0x7075
"""The flag, and the extra field, by which a zip says that a name is in UTF-8."""


@dataclass(frozen=True)
class Bounds:
    """How much is looked at: files, bytes of a zip and of its table of contents, levels of folders.

    `members` are all that an archive lists, those too that no one reads, such as the files of an environment.
    """

    entries: int
    members: int
    archive: int
    directory: int
    depth: int
    advice: str


ONE = Bounds(MAX_ENTRIES, 50_000, 256 << 20, MAX_DIRECTORY, 2, "hand in only the modules and the notebook")
"""One submission."""
DEEP = replace(ONE, depth=8)
"""One submission whose modules are not where they should be."""
MANY = Bounds(200_000, 400_000, 8 << 30, 32 << 20, 16, "unpack it and grade the folder")
"""A platform's download of a whole class."""


class SubmissionError(UsageError):
    """What was handed in cannot be read at all; the text names the file and says what to do."""

    def __str__(self) -> str:
        return visible(super().__str__(), "?")


@dataclass(frozen=True)
class Entry:
    """A file that was handed in: its path parts, and how to read at most so many of its bytes.

    `refused` is why the submission that holds it cannot be read, "" where it can: in a download that is told
    of the one submission.
    """

    parts: tuple[str, ...]
    read: Callable[[int], bytes]
    refused: str = ""

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
            yield _listed(path, stream, bounds)[0]
    else:
        raise SubmissionError(f"{path}: neither a folder nor a zip file; hand in one of these")


def entries_within(path: Path, data: bytes, bounds: Bounds = ONE) -> list[Entry]:
    """The files of an archive within another, as `entries` gives them; `path` is what it is called."""
    return _listed(path, _Bytes(data), bounds)[0]


def tops(path: Path) -> list[Top]:
    """What is at the root of a folder or zip of many submissions. SubmissionError when it is neither.

    Nothing below the root is looked at yet, so that what is wrong in one folder costs that folder only. A zip
    stays open as long as its entries are used.
    """
    if path.is_dir():
        return _tops_of_folder(path)
    return _grouped(path, *_listed(path, _file(path, MANY), MANY, strict=False))


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


def _grouped(path: Path, found: Sequence[Entry], folders: Sequence[tuple[str, ...]]) -> list[Top]:
    """What is at the root of an archive, in the order in which it comes there; empty folders last."""
    below: dict[str, list[Entry]] = {}
    within: dict[str, list[tuple[str, ...]]] = {}
    for parts in folders:
        within.setdefault(parts[0], []).extend([parts[1:]] if len(parts) > 1 else [])
    found_tops: list[Top] = []

    def begun(name: str) -> None:
        inside, place = below.setdefault(name, []), path / name
        deeper = partial(_grouped, place, inside, within.get(name, []))
        found_tops.append(Top(name, True, partial(_bounded, place, inside), deeper))

    for entry in found:
        if not entry.folder and entry.refused:
            continue
        if not entry.folder:
            found_tops.append(Top(entry.name, False, partial(_itself, entry), list))
            continue
        if entry.parts[0] not in below:
            begun(entry.parts[0])
        below[entry.parts[0]].append(replace(entry, parts=entry.parts[1:]))
    for name in within:
        if name not in below:
            begun(name)
    return found_tops


def _itself(entry: Entry, bounds: Bounds) -> list[Entry]:
    return [entry]


def _bounded(path: Path, found: Sequence[Entry], bounds: Bounds) -> list[Entry]:
    if refused := next((entry.refused for entry in found if entry.refused), ""):
        raise SubmissionError(f"{path}: {refused}")
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
    if above and any(entry.name == ENVIRONMENT for entry in found):
        return
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


# ---- archives --------------------------------------------------------------------------------------


def _listed(
    path: Path, stream: _File | _Bytes, bounds: Bounds, strict: bool = True
) -> tuple[list[Entry], list[tuple[str, ...]]]:
    """The files of an archive, whatever it is called, and its folders; it stays open while they are used."""
    sign = stream.read(8)
    stream.seek(0)
    for begins, kind in UNREADABLE.items():
        if sign.startswith(begins):
            raise SubmissionError(
                f"{path}: a {kind} archive cannot be read here; unpack it, and hand in a .zip or a folder"
            )
    try:
        tar = tar_within(stream, bounds.archive)
        if tar is not None:
            listed = map(_of_member, members(tar, bounds.members * HEADERS))
            return _chosen(path, listed, bounds, strict, "tar")
    except TarProblem as problem:
        raise SubmissionError(f"{path}: {problem}") from None
    archive = _archive(path, stream, bounds)
    weakref.finalize(archive, stream.close)
    return _chosen(path, (_of_zip(archive, info) for info in archive.infolist()), bounds, strict, "zip")


_Found = tuple[str, bool, Callable[[int], bytes]]
"""A member of an archive: its name there, whether it is a folder, and how it is read."""


def _of_member(member: Member) -> _Found:
    return member.name, member.folder, partial(_read_from_tar, member)


def _read_from_tar(member: Member, limit: int) -> bytes:
    try:
        return member.read(limit)
    except TarProblem as problem:
        raise FileProblem(str(problem)) from None


def _of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Found:
    return _name_in_zip(info), info.filename.endswith("/"), partial(_read_member, archive, info)


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """A member's name. Many programs write UTF-8 and don't say so, or say it in an extra field."""
    name = info.orig_filename
    if info.flag_bits & UTF8 or name.isascii():
        return name
    if len(name) > MAX_PATH:
        return name  # it is refused whatever it means
    raw = name.encode("cp437")
    for candidate in (*_unicode_paths(info.extra, raw), raw):
        try:
            return candidate.decode("utf-8")
        except UnicodeDecodeError:
            continue
    return name


def _unicode_paths(extra: bytes, raw: bytes) -> Iterator[bytes]:
    """The names in Info-ZIP's extra field; one counts only where it is of the name that the header has."""
    place, of_name = 0, b"\1" + struct.pack("<I", zlib.crc32(raw))
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        body = extra[place + 4 : place + 4 + size]
        place += 4 + size
        if kind == UNICODE_PATH and body[:5] == of_name:
            yield body[5:]


def _chosen(
    path: Path, found: Iterable[_Found], bounds: Bounds, strict: bool, kind: str
) -> tuple[list[Entry], list[tuple[str, ...]]]:
    """The files of an archive that are looked at, and its folders.

    Args:
        path: what the archive is called when something is wrong.
        found: its members; no more of them are asked for than are looked at.
        bounds: how much is looked at.
        strict: a name that points outside refuses the archive; otherwise it is passed over.
        kind: zip or tar.
    """
    files: list[Entry] = []
    folders: list[tuple[str, ...]] = []
    environments: set[tuple[str, ...]] = set()
    count = 0
    for count, (name, is_folder, read) in enumerate(found, start=1):
        if count > bounds.members:
            raise _too_many(path, bounds)
        if long := _too_long(name):
            beginning = _beginning(name)
            if _quiet(beginning):
                continue
            refused = f"refused, the name of its entry {_short(name)} {long}; make the {kind} again"
            if strict:
                raise SubmissionError(f"{path}: {refused}")
            if beginning:
                files.append(Entry((*beginning, "…"), read, refused))
            continue
        parts = _safe_parts(name)
        if parts is None:
            if not strict:
                continue
            raise SubmissionError(
                f"{path}: refused, its entry {_short(name)} points outside of the {kind}; "
                f"make the {kind} again"
            )
        if parts[:-1] and parts[-1] == ENVIRONMENT:
            environments.add(parts[:-1])
        if not parts or _quiet(parts):
            continue
        if is_folder:
            folders.append(parts[: bounds.depth])
        else:
            files.append(Entry(parts, read))
        if len(files) > bounds.entries + SPARE or len(folders) > MANY.entries:
            raise _too_many(path, bounds)
    if not count:
        raise SubmissionError(f"{path}: the {kind} is empty; it must hold the modules of the lab")
    if environments:
        files = [entry for entry in files if not _below(entry.parts, environments)]
    if len(files) > bounds.entries:
        raise _too_many(path, bounds)
    return [entry for entry in files if entry.refused or len(entry.parts) <= bounds.depth], folders


def _short(name: str) -> str:
    return ascii(name[:80])[:80]


def _too_long(name: str) -> str:
    """What of a member's name is longer than any that an honest tool writes; "" where nothing is.

    Everything that is done with a name afterwards may take its parts apart and compare their beginnings.
    """
    if len(name) > MAX_PATH or len(name.encode("utf-8", "surrogatepass")) > MAX_PATH:
        return f"is longer than {MAX_PATH:,} bytes"
    parts = name.replace("\\", "/").strip("/").split("/")
    if len(parts) > MAX_PARTS:
        return f"has more than {MAX_PARTS} parts"
    if any(len(part.encode("utf-8", "surrogatepass")) > MAX_PART for part in parts):
        return f"has a part of more than {MAX_PART} bytes"
    return ""


def _beginning(name: str) -> tuple[str, ...]:
    """The folders that a name which is too long begins with: they say whose it is. () where they do not."""
    folders = name[: 2 * MAX_PATH].replace("\\", "/").split("/", MAX_PARTS)[:-1]
    parts = _safe_parts("/".join(folders[: MANY.depth]))
    return parts if parts and all(len(part) <= MAX_PART for part in parts) else ()


def _below(parts: tuple[str, ...], folders: Collection[tuple[str, ...]]) -> bool:
    return any(parts[:depth] in folders for depth in range(1, len(parts)))


class _File(io.FileIO):
    """The bytes of a file; while `bound` is set, nothing larger is read in one go."""

    bound = 0

    def read(self, size: int | None = -1, /) -> bytes:
        _no_more(self, size)
        return _plain(self, super().read(size) or b"")


class _Bytes(io.BytesIO):
    """Bytes in memory, read with the same care."""

    bound = 0

    def read(self, size: int | None = -1, /) -> bytes:
        _no_more(self, size)
        return _plain(self, super().read(size))


def _no_more(stream: _File | _Bytes, size: int | None) -> None:
    if stream.bound:
        here = stream.tell()
        left = stream.seek(0, io.SEEK_END) - here
        stream.seek(here)
        if (left if size is None or size < 0 else min(size, left)) > stream.bound:
            raise SubmissionError("its table of contents is too long")


def _plain(stream: _File | _Bytes, data: bytes) -> bytes:
    """Bytes as they are; SubmissionError where they are a table of contents with long extra fields."""
    place = 0 if stream.bound else len(data)
    while data.startswith(b"PK\1\2", place) and place + 46 <= len(data):
        name, extra, comment = struct.unpack_from("<HHH", data, place + 28)
        if extra > MAX_EXTRA:
            raise SubmissionError("a part of its table of contents is too long")
        place += 46 + name + extra + comment
    return data


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
