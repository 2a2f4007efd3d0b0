"""Bytes of a Python file to text, as Python itself would read them."""

from __future__ import annotations

import io
import tokenize

from autograder.submission.source import FileProblem
from autograder.text import NotDecodable, decoded, line_of, printable

ENCODINGS = {"utf-8", "utf-8-sig", "iso-8859-1", "latin-1", "cp1252", "windows-1252", "ascii", "us-ascii"}


def source_text(data: bytes) -> str:
    """The text of a module. FileProblem with the line that cannot be read and what to do."""
    if b"\0" in data:
        line = line_of(data, data.index(b"\0"))
        raise FileProblem(f"line {line}: a NUL byte; save the file as UTF-8 text")
    try:
        return decoded(data, _declared(data))
    except NotDecodable as error:
        raise FileProblem(f"line {error.line}: {error}; save the file as UTF-8") from None


def _declared(data: bytes) -> str:
    """The encoding that a PEP 263 comment declares, else utf-8."""
    head = data.split(b"\n", 2)[:2]
    try:
        found, lines = tokenize.detect_encoding(io.BytesIO(b"\n".join(line[:200] for line in head)).readline)
    except SyntaxError:
        return "utf-8"
    if found.lower() not in ENCODINGS:
        told = f"encoding {printable(found)} is not supported"
        raise FileProblem(f"line {len(lines)}: {told}; save the file as UTF-8")
    return found.lower()
