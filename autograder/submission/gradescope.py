"""Reads who handed in what from Gradescope's submission_metadata.yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from autograder.grade import Student
from autograder.submission.source import FileProblem
from autograder.text import printable

METADATA = "submission_metadata.yml"
MAX_METADATA = 256 << 20
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Plain values only: what Ruby tagged as an object of its own is read as the mapping or text it is."""


def _plain(loader: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_constructor(None, _plain)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _plain)


def submitters(read: Callable[[int], bytes]) -> dict[str, Student]:
    """The students by the folder of their submission. FileProblem when this cannot be read."""
    try:
        data = yaml.load(read(MAX_METADATA), _Loader)  # a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1}: " if where else ""
        raise FileProblem(f"{line}not readable YAML; download the export again") from None
    if not isinstance(data, dict):
        raise FileProblem("names no submissions; download the export again")
    return {str(folder): _student(str(folder), about) for folder, about in data.items()}


def _student(folder: str, about: object) -> Student:
    """One submission's student; of a group, all."""
    people = about.get(":submitters") if isinstance(about, dict) else None
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise FileProblem(f"{printable(folder)}: no list `:submitters:`; download the export again")
    members = [_member(person) for person in people]
    if len(members) == 1:
        return members[0]
    ids = [member.id for member in members if member.id]
    names = [member.name for member in members if member.name]
    together = "+".join(ids)
    return Student(
        id=together,
        name=" and ".join(names),
        platform="gradescope",
        platform_id=together,
        members=tuple(members),
    )


def _member(person: dict[str, Any]) -> Student:
    own = str(person.get(":sid") or person.get(":email") or "")
    return Student(id=own, name=str(person.get(":name") or ""), platform="gradescope", platform_id=own)
