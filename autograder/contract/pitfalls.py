"""The pitfalls that a lab teaches, with the wrong solutions that fall into them.

The lab's audit/pitfalls.toml has them:

    [[pitfalls]]
    taught = "Mind rows of length 0."                     # words of the notebook or of a docstring
    chaffs = ["scale_rows/divided_by_zero"]

Public checks must catch every one: what a lab warns of, it lets students find out in time.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from autograder.contract.table import texts
from autograder.contract.verify import Names, names_of
from autograder.lab import Lab
from autograder.lab.reading import read_table, read_text

FILE = "pitfalls.toml"


class Pitfall(BaseModel):
    """What the lab says, and the chaffs (`function/slug`) that did not heed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    taught: str = Field(min_length=1)
    chaffs: tuple[str, ...] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    pitfalls: tuple[Pitfall, ...] = ()


def read_pitfalls(lab: Lab) -> tuple[Pitfall, ...]:
    """The lab's pitfalls; none where it lists none. LabError when the file is not as it should be."""
    path = lab.cases / FILE
    try:
        return read_table(path, TypeAdapter(_File)).pitfalls
    except FileNotFoundError:
        return ()


def pitfall_problems(lab: Lab, pitfalls: tuple[Pitfall, ...], names: Names | None = None) -> list[str]:
    """Words that the lab does not say, and chaffs that do not exist; a line each."""
    if not pitfalls:
        return []
    names = names or names_of(lab)
    there = {f"{function}/{slug}" for function, slugs in names.chaffs.items() for slug in slugs}
    said = " ".join([" ".join(read_text(lab.template).split()), *texts(lab).values()])
    found = [f"the lab does not say {one.taught!r}" for one in pitfalls if one.taught not in said]
    for one in pitfalls:
        found += [f"{one.taught!r}: there is no chaff {name}" for name in one.chaffs if name not in there]
    return found
