"""Student text made harmless before it is shown."""

from __future__ import annotations

import unicodedata

_KEPT = {"\n", "\t"}


def clean(text: str) -> str:
    """The text without control, bidirectional and other invisible characters."""
    return "".join(
        c if c in _KEPT or unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def fenced(text: str) -> str:
    """A Markdown code block that the text cannot end."""
    longest = max((len(run) for run in _backtick_runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean(text)}\n{fence}"


def _backtick_runs(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split(" ") if run]


def cut(text: str, limit: int) -> str:
    """The text's first `limit` characters, with a mark where more was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def points(value: float) -> str:
    """Points without needless decimals."""
    return f"{value:g}"
