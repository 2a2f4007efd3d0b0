"""Cuts a notebook's source, jupytext Markdown, into two notebooks; the same source gives the same bytes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from autograder.release.cutter import Cut, CutterError, Form, Place, cut

MAY_FAIL = "raises-exception"
"""The tag that lets a notebook go on after a cell that failed; nbclient and Jupyter know it."""

_FORMS = {"code": Form.CODE_CELL, "markdown": Form.MARKDOWN, "raw": Form.MARKDOWN}


@dataclass(frozen=True)
class Notebooks:
    """Both sides of a notebook."""

    question: NotebookNode
    solution: NotebookNode


def cut_notebook(markdown: str, name: str) -> Notebooks:
    """Cut jupytext Markdown. CutterError names the line of what is wrong."""
    try:
        source = _read(markdown)
    except Exception as error:  # the reader of the header raises YAML's own exceptions
        raise CutterError(f"{name}:1: this is not jupytext Markdown: {error}") from None
    cells = [(cell, _cut_cell(cell, place)) for cell, place in _placed(source.cells, markdown, name)]
    return Notebooks(
        _notebook(source, (_cell(cell, part.question, part.may_fail) for cell, part in cells)),
        _notebook(source, (_cell(cell, part.solution) for cell, part in cells)),
    )


@lru_cache(maxsize=8)
def _read(markdown: str) -> NotebookNode:
    """The notebook that jupytext reads, for reading only: what is cut and then checked is read once."""
    return jupytext.reads(markdown, fmt="md")


def to_bytes(notebook: NotebookNode) -> bytes:
    """A notebook's file."""
    text: str = nbformat.writes(notebook, version=4)
    return f"{text.rstrip()}\n".encode()


def _placed(cells: Iterable[NotebookNode], markdown: str, name: str) -> Iterator[tuple[NotebookNode, Place]]:
    """Each cell with its place in the file; a cell's text is there word for word.

    Only the first line of a cell in another language does not: jupytext puts `%%bash` for the fence's `bash`.
    """
    text, position = f"\n{markdown}\n", 0
    for cell in cells:
        body, above = cell.source, 0
        if f"\n{body}\n" not in text:
            body, above = body.partition("\n")[2], 1
        start = max(text.find(f"\n{body}\n", position), position)
        yield cell, Place(name, text.count("\n", 0, start + 1) - above)
        position = start + len(body)


def _cut_cell(cell: NotebookNode, place: Place) -> Cut:
    return cut(cell.source, _FORMS[cell.cell_type], place)


def _cell(cell: NotebookNode, source: str, may_fail: bool = False) -> NotebookNode | None:
    """The cell with another text; None if a text was there and nothing is left of it."""
    text = source.strip("\n")
    if cell.source and not text and "convlab" not in cell.metadata:
        return None
    metadata = dict(cell.metadata)
    if may_fail:
        metadata["tags"] = sorted({*metadata.get("tags", ()), MAY_FAIL})
    fresh = NotebookNode(cell_type=cell.cell_type, metadata=NotebookNode(metadata), source=text)
    if cell.cell_type == "code":
        fresh.update(execution_count=None, outputs=[])
    return fresh


def _notebook(source: NotebookNode, cells: Iterable[NotebookNode | None]) -> NotebookNode:
    metadata = {"language_info": {"name": "python"}}
    if "kernelspec" in source.metadata:
        metadata["kernelspec"] = dict(source.metadata["kernelspec"])
    named = _named(cell for cell in cells if cell is not None)
    notebook = new_notebook(metadata=metadata, cells=named)
    nbformat.validate(notebook)
    return notebook


def _named(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Each cell with an id made from its text, numbered where cells are alike."""
    seen: Counter[str] = Counter()
    named = []
    for cell in cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        named.append(NotebookNode(cell, id=digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"))
    return named
