"""The facts of assignment.toml, filled into texts where `<<name>>` stands.

A number that is in the toml need then be nowhere else: `<<points.QUESTION>>`, `<<training.sample.epochs>>`,
`<<notebook>>`, and whatever the lab puts into its table `[facts]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from autograder.lab import Lab, LabError

MARK = re.compile(r"<<([a-z][\w.]*)>>")


def facts_of(lab: Lab) -> dict[str, str]:
    """Every fact by the name that it has in texts."""
    found = {"name": lab.name, "title": lab.title, "version": lab.version, "notebook": lab.notebook}
    found["date"] = lab.date.isoformat() if lab.date else ""
    found["points.total"] = _text(lab.max_score)
    for question in lab.questions:
        found[f"points.{question.id}"] = _text(question.points)
        found[f"title.{question.id}"] = question.title
    if lab.training is not None:
        found |= dict(_flat("training", lab.training.model_dump()))
    return found | {name: _text(value) for name, value in lab.facts.items()}


def filled(text: str, facts: dict[str, str], name: str) -> str:
    """The text with its facts filled in. LabError names the line of one that does not exist."""

    def value(match: re.Match[str]) -> str:
        if match[1] in facts:
            return facts[match[1]]
        line = text.count("\n", 0, match.start()) + 1
        close = get_close_matches(match[1], facts, n=3) or ["a key of [facts] in assignment.toml"]
        raise LabError(f"{name}:{line}: there is no fact {match[0]}; did you mean {' or '.join(close)}?")

    return MARK.sub(value, text)


def student_facts(lab: Lab) -> bytes:
    """facts.json: what a student's folder has to know of assignment.toml."""
    questions = [
        {"id": q.id, "title": q.title, "points": q.points, "module": q.module, "functions": list(q.functions)}
        for q in lab.questions
    ]
    told: dict[str, Any] = {
        "name": lab.name,
        "title": lab.title,
        "version": lab.version,
        "date": lab.date.isoformat() if lab.date else "",
        "modules": list(lab.modules),
        "notebook": lab.notebook,
        "questions": questions,
    }
    return (json.dumps(told, indent=2) + "\n").encode()


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}", item)
    elif isinstance(value, (str, int, float)):
        yield prefix, _text(value)


def _text(value: str | int | float) -> str:
    """A number as people write it: 12 for 12.0, 4,000 for 4000."""
    if isinstance(value, (str, bool)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
