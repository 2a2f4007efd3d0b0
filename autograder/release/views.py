"""All texts in a file, those in notebooks, archives and pictures too, each with its place."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_QUANTUM = 4
"""Four characters of base64 are three bytes."""
_DEPTH = 4
_URL_SAFE = str.maketrans("-_", "+/")
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = {b"tEXt", b"zTXt", b"iTXt"}
_JSON = (".json", ".ipynb")


@dataclass(frozen=True)
class View:
    """A text, and where it is: the file, and the part of it. `data` are the bytes of a whole file."""

    place: str
    text: str
    data: bytes = b""


def views(name: str, data: bytes, depth: int = _DEPTH) -> Iterator[View]:
    """Every text that can be made out in a file, whatever it is wrapped in."""
    text = _decoded(data)
    yield View(name, text, data)
    yield from _unwrapped(name, text, depth)
    if not depth:
        return
    if name.endswith(_JSON):
        yield from _of_json(name, text, depth)
    for part, content in _parts(data):
        yield from views(f"{name}, {part}", content, depth - 1)


def _decoded(data: bytes) -> str:
    """UTF-8, or else byte by byte; without the zeros of UTF-16, which is valid UTF-8 where it has no BOM."""
    try:
        return data.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return data.replace(b"\0", b"").decode("latin-1")


def _unwrapped(place: str, text: str, depth: int) -> Iterator[View]:
    """A text without HTML's escapes, and what in it is base64."""
    if "&" in text:
        yield View(place, html.unescape(text))
    if depth:
        for found in {*_BASE64.findall(text), *_BASE64.findall(text.replace("\n", ""))}:
            yield from _of_base64(place, found, depth)


def _of_base64(place: str, text: str, depth: int) -> Iterator[View]:
    """What a run of base64's characters says, wherever in it the base64 begins."""
    standard = text.translate(_URL_SAFE)
    for start in range(_QUANTUM):
        end = start + (len(standard) - start) // _QUANTUM * _QUANTUM
        yield from views(f"{place}, base64", _padded(standard[start:end], standard[end:]), depth - 1)


def _padded(text: str, rest: str) -> bytes:
    """Decode whole groups of four, and what is left if that makes up a byte at all."""
    tail = rest + "=" * (_QUANTUM - len(rest)) if len(rest) > 1 else ""
    return base64.b64decode(text + tail)


def _of_json(name: str, text: str, depth: int) -> Iterator[View]:
    try:
        tree = json.loads(text)
    except ValueError:
        return
    for keys, value in _strings(tree, (), set()):
        part = f"{name}, {_named(keys)}"
        yield View(part, value)
        yield from _unwrapped(part, value, depth)


def _strings(node: Any, keys: tuple[str, ...], named: set[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in a JSON tree, and each key once; a list of texts is one text, as in notebooks.

    `named` are the keys so far: a table has thousands of the same few.
    """
    if isinstance(node, str):
        yield keys, node
    elif isinstance(node, list) and node and all(isinstance(item, str) for item in node):
        yield keys, "".join(node)
    elif isinstance(node, (list, dict)):
        pairs = node.items() if isinstance(node, dict) else enumerate(node, 1)
        for key, item in pairs:
            name = str(key)
            if isinstance(node, dict) and name not in named:
                named.add(name)
                yield (*keys, "key"), name
            yield from _strings(item, (*keys, name), named)


def _named(keys: tuple[str, ...]) -> str:
    """`cell 12, source` for a place in a notebook; elsewhere the keys one by one."""
    if keys[0] == "cells" and len(keys) > 1:
        return ", ".join((f"cell {keys[1]}", *keys[2:]))
    return ", ".join(keys)


# --- what is packed in a file ----------------------------------------------------------------------------


def _parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        if data.startswith(b"PK\x03\x04"):
            yield from _of_zip(data)
        elif data.startswith(b"\x1f\x8b"):
            yield "unpacked", gzip.decompress(data)
        elif data.startswith(_PNG):
            yield from _of_png(data)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return


def _of_zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield "comment", archive.comment
        for info in archive.infolist():
            yield info.filename, archive.read(info)


def _of_png(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The texts beside a picture: a keyword, and after it the text, plain or compressed."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        chunk = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind in _PNG_TEXT:
            yield "text beside the picture", _inflated(chunk)


def _inflated(chunk: bytes) -> bytes:
    """A PNG's text chunk; where a zlib stream begins in it, that is unpacked."""
    start = chunk.find(b"\x78")
    while start >= 0:
        try:
            return chunk[:start] + zlib.decompress(chunk[start:])
        except zlib.error:
            start = chunk.find(b"\x78", start + 1)
    return chunk
