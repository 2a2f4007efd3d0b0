"""Student text made harmless before it is shown."""

from __future__ import annotations

import re
import unicodedata

_KEPT = {"\n", "\t"}


def clean(text: str) -> str:
    """The text without control, bidirectional and other invisible characters; lines end with LF."""
    text = text.replace("\r\n", "\n")
    return "".join(
        c if c in _KEPT or unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def one_line(text: str) -> str:
    """The text in one line, single spaces between its words."""
    return " ".join(clean(text).split())


def plain(text: str) -> str:
    """The text in one line that Markdown shows as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", one_line(text))


def fenced(text: str) -> str:
    """A Markdown code block that the text cannot end."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean(text)}\n{fence}"


def cut(text: str, limit: int) -> str:
    """The text's first `limit` characters, with a mark where more was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def points(value: float) -> str:
    """Points without needless decimals."""
    return f"{round(value, 6):.12g}"
