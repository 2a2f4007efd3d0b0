"""Written answers, read from the notebook with care."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import nbformat

MAX_ANSWER = 32_768
MAX_PARTS = 200_000
"""Most braces, brackets and commas in a notebook: each may become an object of hundreds of bytes."""


class NotebookProblem(Exception):
    """The notebook cannot be read; the text says why in a few words."""


def answers(data: bytes, questions: Collection[str]) -> dict[str, str]:
    """The text of each written question's answer cells, by question id; "" where a cell is empty."""
    if sum(data.count(mark) for mark in (b"{", b"[", b",")) > MAX_PARTS:
        raise NotebookProblem("it is too large; clear its outputs and save it again")
    found: dict[str, list[str]] = {}
    for cell in _cells(data):
        question, text = _answer(cell)
        if question in questions:
            found.setdefault(question, []).append(text)
    return {question: _joined(parts) for question, parts in found.items()}


def _cells(data: bytes) -> list[Any]:
    """The cells, in the form of the current version. Nothing is validated beyond: that can take minutes."""
    try:
        book = nbformat.reader.reads(data.decode("utf-8-sig"))
        return list(nbformat.convert(book, to_version=4)["cells"])
    except Exception as error:  # nbformat raises all kinds on hostile JSON
        kind = type(error).__name__
        raise NotebookProblem(
            f"it is not a notebook ({kind}); open it in Jupyter and save it again"
        ) from None


def _answer(cell: Any) -> tuple[str, str]:
    """The question that a cell answers, or "", and its text."""
    try:
        question, source = cell["metadata"]["convlab"]["question"], cell["source"]
    except (KeyError, TypeError, AttributeError, IndexError):
        return "", ""
    return (question, source) if isinstance(question, str) and isinstance(source, str) else ("", "")


def _joined(parts: list[str]) -> str:
    """One answer of several cells: Jupyter copies the metadata when a cell is split."""
    text = "\n\n".join(part for part in parts if part.strip())[:MAX_ANSWER]
    return text.encode("utf-8", "replace").decode()  # JSON can hold half a surrogate pair, UTF-8 cannot
