"""Bytes of a Python file to text, as Python itself would read them."""

from __future__ import annotations

import io
import tokenize

from autograder.submission.source import FileProblem

ENCODINGS = {"utf-8", "utf-8-sig", "iso-8859-1", "latin-1", "cp1252", "windows-1252", "ascii", "us-ascii"}


def decoded(data: bytes) -> str:
    """The text of a module. FileProblem with the line that cannot be read and what to do."""
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise FileProblem(f"line {line}: a NUL byte; save the file as UTF-8 text")
    encoding = _declared(data)
    try:
        text = data.decode("utf-8-sig" if encoding in ("utf-8", "utf-8-sig") else encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = f"byte 0x{data[error.start]:02x} is not {encoding.upper()}"
        raise FileProblem(f"line {line}: {byte}; save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _declared(data: bytes) -> str:
    """The encoding that a PEP 263 comment declares, else utf-8."""
    head = data.split(b"\n", 2)[:2]
    try:
        found, _ = tokenize.detect_encoding(io.BytesIO(b"\n".join(line[:200] for line in head)).readline)
    except SyntaxError:
        return "utf-8"
    if found not in ENCODINGS:
        raise FileProblem(f"line 1: encoding {found} is not supported; save the file as UTF-8")
    return found
