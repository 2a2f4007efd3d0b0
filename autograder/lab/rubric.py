"""The staff's rubric: items with points, from rubric.toml, and rubric.md, in which they are tables."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from autograder.errors import LabError
from autograder.lab.facts import facts_of, filled
from autograder.lab.lab import Lab
from autograder.lab.reading import UNRESOLVED, conflict, read_table, read_text
from autograder.lab.settings import Number
from autograder.text import points

HALF = "/2"
"""Behind an item's id in a mark: half of the item was given."""


class RubricItem(BaseModel):
    """What earns points in a written answer, and what does not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    points: Number = Field(gt=0)
    for_: str = Field(alias="for", min_length=1)
    not_for: str = ""


_ITEMS = TypeAdapter(dict[str, tuple[RubricItem, ...]])


def rubric_items(lab: Lab) -> dict[str, tuple[RubricItem, ...]]:
    """The items of each written question that has some. LabError names file, key and what is wrong."""
    path = lab.folder / "rubric.toml"
    try:
        found = read_table(path, _ITEMS)
    except FileNotFoundError:
        return {}
    for name, items in found.items():
        for twice in {item.id for item in items if [other.id for other in items].count(item.id) > 1}:
            raise LabError(f"{path}: {name}: the item {twice} is there twice; give each its own id")
    return found


def earned(items: tuple[RubricItem, ...], ticked: tuple[str, ...]) -> float:
    """The points of some ticked items; those of an earlier rubric that are no more count nothing."""
    worth = {item.id: item.points for item in items} | {item.id + HALF: item.points / 2 for item in items}
    return sum(worth.get(name, 0.0) for name in ticked)


def rubrics(lab: Lab) -> dict[str, str]:
    """The sections of the staff's rubric by the question that their heading names; none without a rubric."""
    parts = re.split(r"^## (q\d+_\d+)\b.*$", rubric(lab), flags=re.MULTILINE)
    return {name: part.strip() for name, part in zip(parts[1::2], parts[2::2], strict=True)}


def rubric(lab: Lab) -> str:
    """The staff's rubric, facts and items filled in; "" where there is none. LabError: not readable."""
    try:
        text = read_text(lab.rubric)
    except FileNotFoundError:
        return ""
    if line := conflict(text):
        raise LabError(f"{lab.rubric}:{line}: {'; '.join(UNRESOLVED)}")
    tables = {f"rubric.{name}": _table(items) for name, items in rubric_items(lab).items()}
    return filled(text, facts_of(lab) | tables, lab.rubric.relative_to(lab.root).as_posix())


def _table(items: tuple[RubricItem, ...]) -> str:
    rows = [f"| {points(item.points)} | {item.for_} | {item.not_for} |" for item in items]
    return "\n".join(["| points | for | not for |", "|---|---|---|", *rows])
