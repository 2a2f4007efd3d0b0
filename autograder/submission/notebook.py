"""Written answers, read from the notebook with care."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import nbformat

MAX_ANSWER = 32_768


class NotebookProblem(Exception):
    """The notebook cannot be read; the text says why in a few words."""


def answers(data: bytes, questions: Collection[str]) -> dict[str, str]:
    """The Markdown text of each written question's answer cell, by question id."""
    try:
        book = nbformat.reads(data.decode("utf-8"), as_version=4)
        cells = list(book.cells)
    except Exception as error:  # nbformat raises all kinds on hostile JSON
        raise NotebookProblem(f"it is not a notebook ({type(error).__name__})") from None
    found: dict[str, str] = {}
    for cell in cells:
        question, text = _answer(cell)
        if question in questions and question not in found:
            found[question] = text[:MAX_ANSWER]
    return found


def _answer(cell: Any) -> tuple[str, str]:
    """The question that a cell answers, or "", and its text."""
    try:
        question, source = cell["metadata"]["convlab"]["question"], cell["source"]
    except (KeyError, TypeError, AttributeError):
        return "", ""
    return (question, source) if isinstance(question, str) and isinstance(source, str) else ("", "")
