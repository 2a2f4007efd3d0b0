"""Bytes of a Python file to text, as Python itself would read them."""

from __future__ import annotations

import io
import tokenize

from autograder.submission.source import FileProblem, printable

ENCODINGS = {"utf-8", "utf-8-sig", "iso-8859-1", "latin-1", "cp1252", "windows-1252", "ascii", "us-ascii"}


def decoded(data: bytes) -> str:
    """The text of a module. FileProblem with the line that cannot be read and what to do."""
    if b"\0" in data:
        line = _line(data, data.index(b"\0"))
        raise FileProblem(f"line {line}: a NUL byte; save the file as UTF-8 text")
    encoding = _declared(data)
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line, byte = _line(error.object, error.start), error.object[error.start]
        problem = f"byte 0x{byte:02x} is not {encoding.upper().removesuffix('-SIG')}"
        raise FileProblem(f"line {line}: {problem}; save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(data: bytes, position: int) -> int:
    """The number of the line, from 1, that holds a byte. Lines end with LF, CRLF or CR."""
    before = data[:position]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


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
