"""Written answers, read from the notebook with care."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.handin.answers import MAX_ANSWER, Answer, Outline, answers_in, source
from autograder.handin.reading import too_many_parts
from autograder.lab import Lab
from autograder.submission.pictures import Beside, Shown, with_pictures


class NotebookProblem(Exception):
    """The notebook cannot be read; the text says why in a few words."""


def answers(
    data: bytes,
    questions: Collection[str],
    known: Outline | None = None,
    pictures: dict[str, str] | None = None,
    beside: Beside | None = None,
) -> dict[str, Answer]:
    """Each written question's answer, by question id; "" where its cell is empty.

    Args:
        data: the notebook's bytes.
        questions: the ids of the written questions.
        known: the notebook's outline as it was handed out.
        pictures: takes in the pictures of answers, in base64, by the digests that name them.
        beside: gives the bytes of a file that was handed in, None where there is none.
    """
    kept: dict[str, str] = {} if pictures is None else pictures
    if too_many_parts(data):
        raise NotebookProblem("it is too large; clear its outputs and save it again")
    cells = [dict(cell) for cell in _cells(data) if isinstance(cell, Mapping)]
    outline = known or Outline()
    shown = Shown(kept, beside)
    for number in {
        number for each in answers_in(cells, questions, outline).values() for number in each.cells
    }:
        cells[number]["source"] = with_pictures(cells[number], source(cells[number]), shown)
    found = answers_in(cells, questions, outline)
    return {question: _bounded(answer) for question, answer in found.items()}


def known_outline(lab: Lab) -> Outline:
    """What the lab's notebook was as it was handed out; an empty outline where that is not known here."""
    path = lab.student_facts
    try:
        return _outline(path, path.stat().st_mtime_ns)
    except OSError:
        return Outline()


@lru_cache(maxsize=4)
def _outline(path: Path, changed: int) -> Outline:
    return Outline.of(json.loads(path.read_text("utf-8")))


def _cells(data: bytes) -> list[Any]:
    """The cells, in the form of the current version. Nothing is validated beyond: that can take minutes."""
    try:
        book = json.loads(data.decode("utf-8-sig"))
        if book["nbformat"] != 4:
            import nbformat  # takes up to a second, and hardly any notebook needs it

            book = nbformat.convert(nbformat.reader.reads(json.dumps(book)), to_version=4)
        return list(book["cells"])
    except Exception as error:  # JSON that is no notebook fails anywhere, and nbformat raises all kinds
        kind = type(error).__name__
        raise NotebookProblem(
            f"it is not a notebook ({kind}); open it in Jupyter and save it again"
        ) from None


def _bounded(answer: Answer) -> Answer:
    """An answer, not too long. JSON can hold half a surrogate pair, UTF-8 cannot."""
    text = answer.text[:MAX_ANSWER].encode("utf-8", "replace").decode()
    return replace(answer, text=text, cut=len(answer.text) > MAX_ANSWER)
