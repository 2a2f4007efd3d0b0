"""Text from outside: decoded, and made harmless before it is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

REPLACED = "\N{REPLACEMENT CHARACTER}"
KNOWN_MISTAKE = "Known mistake: "
"""How a line of a message begins that names a known mistake."""


class NotDecodable(ValueError):
    """Bytes that are not text in their encoding; `line`, from 1, is where. The text says which byte."""

    def __init__(self, data: bytes, position: int, encoding: str) -> None:
        super().__init__(f"byte 0x{data[position]:02x} is not {encoding.upper().removesuffix('-SIG')}")
        self.line = line_of(data, position)


def decoded(data: bytes, encoding: str = "utf-8") -> str:
    """The text that bytes hold, without a byte order mark; lines end with LF. NotDecodable names the line."""
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise NotDecodable(error.object, error.start, encoding) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def line_of(data: bytes, position: int) -> int:
    """The number of the line, from 1, that holds a byte. Lines end with LF, CRLF or CR."""
    before = data[:position]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def visible(text: str, instead: str = "", kept: str = "") -> str:
    """The text's visible characters; every cleaner of foreign text rests on this one.

    Control, bidirectional, unassigned and other invisible characters and line separators become `instead`,
    unless they are `kept`. Spaces of every kind become plain ones.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else _space_or(instead, c) for c in text)


def _space_or(instead: str, character: str) -> str:
    return " " if unicodedata.category(character) == "Zs" else instead


def clean(text: str) -> str:
    """The text with its lines and tabs, and a mark for each character that cannot be shown."""
    return visible(text.replace("\r\n", "\n"), REPLACED, "\n\t")


def one_line(text: str) -> str:
    """The text in one line, single spaces between its words."""
    return " ".join(clean(text).split())


def printable(name: str) -> str:
    """A name that someone chose, in one line of at most 80 characters, with `?` for what cannot be shown."""
    text = visible(name, "?")
    return text if len(text) <= 80 else text[:79] + "…"


def plain(text: str) -> str:
    """The text in one line that Markdown shows as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", one_line(text))


def fenced(text: str) -> str:
    """A Markdown code block that the text cannot end."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean(text)}\n{fence}"


FEW = 5
"""So many names are shown of a list."""


def some(names: Sequence[str], most: int = FEW, count: int | None = None) -> str:
    """The first few of some names; `count` is how many there are, where only these are given."""
    more = (len(names) if count is None else count) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def cut(text: str, limit: int) -> str:
    """The text's first `limit` characters, with a mark where more was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def points(value: float) -> str:
    """Points without needless decimals."""
    return f"{round(value, 6):.12g}"


LARGEST = 1e6


def measured(value: float, decimals: int = 3) -> str:
    """A number that student code reported, in few characters whatever it is."""
    return "out of range" if abs(value) > LARGEST else f"{value:.{decimals}f}"
