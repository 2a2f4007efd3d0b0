"""Tars as lists of members, read with the same care as zips: bounded, and nothing is extracted.

A compressed tar has no table of contents, so it is unpacked once, up to a bound, into a file without a name.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, cast

BLOCK = 512
CHUNK = 1 << 20
"""Bytes that are unpacked at a time."""
MAX_HEADER, MAX_RECORDS, MAX_GLOBAL = 64 << 10, 256, 16 << 10
"""Bytes of all headers of one member, records in one of them, and bytes of what all members share."""
MAX_DIGITS = 100
"""Longest number in a header, in characters: the time of `tarfile`'s patterns grows with its square."""
MAX_DICTIONARY = 128 << 20
"""Bytes of memory that unpacking an xz may take."""
IN_MEMORY = 8 << 20
MAX_UNPACKED = 2 << 30
"""Bytes of a temporary file, whatever a caller allows."""


class TarProblem(Exception):
    """A tar, or a file in it, cannot be read; the text is a sentence without the name."""


@dataclass(frozen=True)
class Member:
    """What is in a tar: its path as it is written there, and how to read at most so many of its bytes."""

    name: str
    folder: bool
    read: Callable[[int], bytes]


def _xz(stream: IO[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Xz(stream), CHUNK)


class _Xz(io.RawIOBase):
    """An xz, unpacked as it is read; `lzma.open` would take as much memory as the file asks for."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._unpacker = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        while not self._unpacker.eof:
            more = self._stream.read(CHUNK) if self._unpacker.needs_input else b""
            if self._unpacker.needs_input and not more:
                raise EOFError("it ends too early")
            if data := self._unpacker.decompress(more, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
        return 0


PACKED: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream),  # type: ignore[dict-item, return-value]
    b"BZh": lambda stream: bz2.BZ2File(stream),
    b"\xfd7zXZ\0": _xz,
}
"""What compressed files begin with, and how they are unpacked."""


def tar_within(stream: IO[bytes], most: int) -> IO[bytes] | None:
    """The plain tar that a file is or holds, of at most `most` bytes; None where it is no tar.

    TarProblem when what a compressed file holds cannot be unpacked, is too much, or is no tar.
    """
    most = min(most, MAX_UNPACKED)
    stream.seek(0)
    head = stream.read(BLOCK)
    stream.seek(0)
    unpack = next((unpack for sign, unpack in PACKED.items() if head.startswith(sign)), None)
    if unpack is None:
        return stream if _begins_a_tar(head) else None
    spooled = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - whoever reads the members closes it
    try:
        with unpack(stream) as source:
            while chunk := source.read(CHUNK):
                if spooled.tell() + len(chunk) > most:
                    raise TarProblem(f"it unpacks to more than {most >> 20} MiB")
                spooled.write(chunk)
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise TarProblem(f"it is damaged ({error}); pack it again") from None
    spooled.seek(0)
    if not _begins_a_tar(spooled.read(BLOCK)):
        raise TarProblem("a compressed file that is no tar; hand in a .zip or a folder")
    return spooled


def _begins_a_tar(head: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def members(stream: IO[bytes], headers: int) -> Iterator[Member]:
    """The members of a plain tar in their order. TarProblem where it cannot be read on.

    The tar is closed when no member is left.

    Args:
        stream: the tar.
        headers: so many bytes of headers are read in all.
    """
    bounded = _Headers(stream, headers)
    weakref.finalize(bounded, stream.close)
    try:
        stream.seek(0)
        tar = tarfile.TarFile(fileobj=cast("IO[bytes]", bounded), encoding="utf-8", errors="surrogateescape")
        with tar:
            before = -1
            while (info := tar.next()) is not None:
                tar.__dict__["members"] = []  # they are kept by whoever wants them
                if info.offset <= before or info.size < 0:
                    raise tarfile.ReadError("a member that begins before the last")
                # `tarfile` copies these into each member that follows
                if sum(len(key) + len(value) for key, value in tar.pax_headers.items()) > MAX_GLOBAL:
                    raise TarProblem(TOO_LONG)
                before = info.offset
                bounded.begin()
                yield _member(bounded, info)
    except TarProblem:
        raise
    except Exception as error:  # tarfile raises all kinds on hostile bytes
        raise TarProblem(f"it is damaged ({error}); pack it again") from None


def _member(tar: _Headers, info: tarfile.TarInfo) -> Member:
    """What is needed of a member; the rest of a `TarInfo` can be large, and there are many."""
    regular = info.isreg() and not info.issparse()
    return Member(info.name, info.isdir(), partial(_read, tar, info.offset_data, info.size, regular))


def _read(tar: _Headers, start: int, size: int, regular: bool, limit: int) -> bytes:
    if not regular:
        raise TarProblem("it is a link or not a regular file; hand in the file itself")
    if size > limit:
        raise TarProblem(f"it is larger than {limit >> 10} KiB")
    tar.seek(start)
    data = tar.stream.read(size)
    if len(data) < size:
        raise TarProblem("it ends too early; pack it again")
    return data


TOO_LONG = "one of its headers is too long; pack it again"


class _Headers:
    """A tar's stream as `tarfile` reads it: only headers, and of these not much for a member and in all.

    A header says itself how long it is, and more of them than one can come before a member.
    """

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self.stream = stream
        self.seek, self.tell = stream.seek, stream.tell
        self._left = most
        self._here = 0
        self._extended = False

    def begin(self) -> None:
        """Another member's headers follow."""
        self._here = 0

    def read(self, size: int = -1) -> bytes:
        """These bytes. TarProblem where they are too many, or a header that takes long to be read."""
        self._here += size
        self._left -= size
        if size < 0 or self._here > MAX_HEADER or self._left < 0:
            raise TarProblem(TOO_LONG)
        data = self.stream.read(size)
        if self._extended:
            _check(data)
        self._extended = not self._extended and size == BLOCK and data[156:157] in (b"x", b"g", b"X")
        return data


def _check(data: bytes) -> None:
    """TarProblem where an extended header is not records in a row (`20 path=model.py\\n`), or too many."""
    data = data.rstrip(b"\0")
    if max(map(len, re.findall(rb"\d+", data)), default=0) > MAX_DIGITS:
        raise TarProblem(TOO_LONG)
    place = count = 0
    while place < len(data):
        length = data[place : place + 8].partition(b" ")[0]
        end = place + (int(length) if length.isdigit() else 0)
        count += 1
        if end <= place + len(length) + 2 or data[end - 1 : end] != b"\n" or count > MAX_RECORDS:
            raise TarProblem(TOO_LONG)
        if b"=" not in data[place:end]:
            raise TarProblem(TOO_LONG)
        place = end
