"""Which cells of a notebook answer which question.

The answer's own cell says so in its metadata. Some tools drop these, and people split and merge cells, or
write below the cell that waits for them. So what is in a question's section and was not there when the
notebook was handed out counts too: a section goes from the heading that names the question to the next of
the headings that were there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_HEADING = re.compile(r"(#{1,6})\s+\S")
_QUESTION = re.compile(r"\bq\d+_\d+\b")
_OF_QUESTION = re.compile(
    r"#{1,6}\s+\W*(?:(?:my|the|answer|solution|to|for|of|question|exercise)\W+)*q\d+_\d+\b", re.I
)
"""A heading that names its question first; one that stands further on in it is only mentioned."""
MAX_ANSWER = 32_768
"""So many characters of an answer are kept; a picture counts as its address."""


@dataclass(frozen=True)
class Outline:
    """What of the notebook is known as it was handed out.

    `headings` are its heading lines, `lines` by written question those of its section, `placeholders` what
    its answer cell held.
    """

    headings: frozenset[str] = frozenset()
    lines: Mapping[str, frozenset[str]] = field(default_factory=dict)
    placeholders: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Outline:
        """The outline in a lab's facts; an empty one where they have none."""
        found = facts.get("outline") or {}
        lines = {str(name): frozenset(map(str, part)) for name, part in dict(found.get("lines", {})).items()}
        headings = frozenset(map(str, found.get("headings", ())))
        return cls(headings, lines, {str(k): str(v) for k, v in dict(facts.get("placeholders", {})).items()})

    def facts(self) -> dict[str, Any]:
        """The same for the lab's facts, without the placeholders."""
        lines = {name: sorted(part) for name, part in sorted(self.lines.items())}
        return {"headings": sorted(self.headings), "lines": lines}


@dataclass(frozen=True)
class Answer:
    """An answer's text, and in which cells it was; `marked` if one of them said whose it is.

    `cut` is whether the text is only the beginning of what was written.
    """

    text: str
    cells: tuple[int, ...]
    marked: bool
    cut: bool = False


def outline(cells: Iterable[Mapping[str, Any]], questions: Collection[str]) -> Outline:
    """The outline of a notebook as it is handed out."""
    headings: set[str] = set()
    lines: dict[str, set[str]] = {question: set() for question in questions}
    placeholders: dict[str, str] = {}
    current = ""
    for cell in cells:
        marked = marked_question(cell)
        if marked in lines:
            placeholders[marked] = source(cell)
        elif cell.get("cell_type") == "markdown":
            for line in _lines(source(cell)):
                if _HEADING.match(line):
                    headings.add(line)
                    current = _named(line, questions)
                if current:
                    lines[current].add(line)
    return Outline(frozenset(headings), {k: frozenset(v) for k, v in lines.items()}, placeholders)


def answers_in(
    cells: Sequence[Mapping[str, Any]], questions: Collection[str], known: Outline
) -> dict[str, Answer]:
    """The answers by question; "" where only an empty cell was found, nothing where there is no cell."""
    parts: dict[str, list[tuple[int, str, bool]]] = {}
    for number, question, text, marked in _parts(cells, questions, known):
        if marked or text:
            parts.setdefault(question, []).append((number, text, marked))
    found = {}
    for question, several in parts.items():
        blank = known.placeholders.get(question, "").strip()
        written = [part for part in several if part[1].strip() not in ("", blank)] or several[:1]
        text = "\n\n".join(part[1] for part in written if part[1].strip())
        found[question] = Answer(text, tuple(part[0] for part in written), any(part[2] for part in several))
    return found


def _parts(
    cells: Sequence[Mapping[str, Any]], questions: Collection[str], known: Outline
) -> Iterator[tuple[int, str, str, bool]]:
    """Each piece of an answer: cell, question, text, and whether the cell said whose it is."""
    current, level = "", 0
    for number, cell in enumerate(cells):
        marked = marked_question(cell)
        if not isinstance(cell.get("source"), (str, list)):
            continue
        if marked in questions:
            yield number, marked, source(cell), True
            continue
        if cell.get("cell_type") not in ("markdown", "raw"):
            continue
        kept: list[str] = []
        for line in _lines(source(cell)):
            heading = _HEADING.match(line)
            if heading and _begins(line, len(heading[1]), level, known):
                if current and kept:
                    yield number, current, _joined(kept, known, current), False
                kept, current = [], _named(line, questions)
                level = len(heading[1]) if current else 0
            elif current:
                kept.append(line)
        if current and kept:
            yield number, current, _joined(kept, known, current), False


def _begins(line: str, level: int, within: int, known: Outline) -> bool:
    """Whether a heading begins another section: one that was there, or, where none is known, by its level."""
    names_one = bool(_OF_QUESTION.match(line)) and (not within or level <= within)
    if known.headings:
        return names_one or line in known.headings
    return names_one or not within or level <= within


def _joined(lines: Iterable[str], known: Outline, question: str) -> str:
    """The lines that were not there when the notebook was handed out.

    What was there is left out at the beginning and at the end, where it holds a sentence, or where there is
    nothing else: between, and in a cell of people's own, the same line may be a part of the answer.
    """
    placeholder = frozenset(_lines(known.placeholders.get(question, "")))
    given = known.lines.get(question, frozenset()) | placeholder
    rest = list(lines)
    if all(not line or line in given for line in rest):
        return ""
    begin = next(n for n, line in enumerate(rest) if line and line not in given)
    end = next(n for n in range(len(rest), 0, -1) if rest[n - 1] and rest[n - 1] not in given)
    if not any(map(_telling, rest[:begin])):
        begin = 0
    if not any(map(_telling, rest[end:])):
        end = len(rest)
    kept = (line for line in rest[begin:end] if not (line in placeholder and _telling(line)))
    return "\n".join(kept).strip("\n")


def _telling(line: str) -> bool:
    """Whether a line is a sentence: one of signs, such as `$$`, is also in answers of people's own."""
    return len(re.findall(r"(?<![\\A-Za-z])[A-Za-z]{2,}", line)) >= 4


def _named(line: str, questions: Collection[str]) -> str:
    """The question that a heading names, or ""."""
    return next((name for name in _QUESTION.findall(line) if name in questions), "")


def marked_question(cell: Mapping[str, Any]) -> str:
    """The question that a cell's metadata name, or ""."""
    metadata = cell.get("metadata")
    about = metadata.get("convlab") if isinstance(metadata, Mapping) else None
    question = about.get("question") if isinstance(about, Mapping) else None
    return question if isinstance(question, str) else ""


def source(cell: Mapping[str, Any]) -> str:
    """A cell's text, which a file may hold in lines."""
    text = cell.get("source")
    if isinstance(text, list):
        return "".join(map(str, text))
    return text if isinstance(text, str) else ""


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n")]


def by_heading(names: Iterable[str]) -> str:
    """What to say where answers were found by the headings above them."""
    return (
        f"The notebook no longer marks the answer cells of {', '.join(names)}; what is below the question's "
        "heading is read as the answer."
    )


def too_long(names: Iterable[str]) -> str:
    """What to say where answers are longer than what is kept of them."""
    return (
        f"The answer to {', '.join(names)} has more than {MAX_ANSWER:,} characters, and who marks it sees no "
        "more than these; make it shorter."
    )


def no_cell(names: Iterable[str]) -> str:
    """What to say where no answer was found."""
    return (
        f"The notebook has no answer cell for {', '.join(names)}, and nothing was added below the question; "
        "write the answer there."
    )
