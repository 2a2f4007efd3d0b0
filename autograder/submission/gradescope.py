"""Reads who handed in what from Gradescope's submission_metadata.yml.

The file is read as a stream of events, of which only a time and three texts per person are kept: neither
nesting nor aliases make it grow, and what Ruby tagged as an object of its own is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import yaml

from autograder.grade import Student
from autograder.text import cut, one_line

METADATA = "submission_metadata.yml"
MAX_METADATA = 256 << 20
MAX_SCALAR = 200
"""Characters of a name or an id."""
MAX_DEPTH = 100
MAX_SUBMISSIONS, MAX_MEMBERS, MAX_ANCHORS = 20_000, 64, 20_000
FOLDER = re.compile(r"submission_\d{1,20}")
"""What Gradescope calls the folder of a submission."""
TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:\.\d{1,9})? ?(?P<zone>Z|[+-]\d\d:?\d\d)"
)
"""A time as Ruby writes it into YAML: `2026-01-31 22:15:00.123456000 Z`."""
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def scalar(text: str) -> str:
    """A name or an id that came from outside: one line, visible characters, of bounded length."""
    return cut(one_line(text), MAX_SCALAR)


def submitters(read: Callable[[int], bytes]) -> tuple[dict[str, Student], str]:
    """The students by the folder of their submission, and what is wrong with the file, "" where nothing is.

    People who come before a fault in the file are still known. FileProblem when it cannot be read.
    """
    known: dict[str, Student] = {}
    try:
        for folder, members, when in _Events(read(MAX_METADATA)).submissions():
            if len(known) == MAX_SUBMISSIONS:
                return known, f"names more than {MAX_SUBMISSIONS} submissions"
            if members and FOLDER.fullmatch(folder):
                student = _together(members).model_copy(update={"submitted": _moment(when)})
                known.setdefault(folder, student)
    except (yaml.YAMLError, ValueError) as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1}: " if where else ""
        return known, f"{line}not YAML that can be read; download the export again"
    return known, "" if known else "names no submissions; download the export again"


def _moment(text: str) -> str:
    """A time in ISO 8601 and UTC; "" where it is none, or has no zone."""
    if (found := TIME.fullmatch(text)) is None:
        return ""
    try:
        when = datetime.fromisoformat(f"{found['day']}T{found['time']}{found['zone']}").astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return when.isoformat()


def _together(members: list[Student]) -> Student:
    """One submission's student; of a group, all."""
    if len(members) == 1:
        return members[0]
    together = scalar("+".join(member.id for member in members if member.id))
    name = scalar(" and ".join(member.name for member in members if member.name))
    return Student(
        id=together, name=name, platform="gradescope", platform_id=together, members=tuple(members)
    )


class _Events:
    """A YAML text's events, with the texts that aliases stand for."""

    def __init__(self, data: bytes) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(data, Loader=_Base)
        self._texts: dict[str, str] = {}
        self._people: dict[str, Student] = {}
        self._depth = 0

    def submissions(self) -> Iterator[tuple[str, list[Student], str]]:
        """Each folder with its submitters, none where they cannot be made out, and when it was handed in."""
        event = self._next()
        while not isinstance(event, (yaml.NodeEvent, yaml.StreamEndEvent)):
            event = self._next()
        if not isinstance(event, yaml.MappingStartEvent):
            return
        for folder, about in self._pairs():
            members: list[Student] = []
            when = ""
            if isinstance(about, yaml.MappingStartEvent):
                for key, value in self._pairs():
                    if key == ":submitters" and isinstance(value, yaml.SequenceStartEvent):
                        members = self._members()
                    elif key == ":created_at":
                        when = self._text(value)
                    else:
                        self._skip(value)
            else:
                self._skip(about)
            yield folder, members, when

    def _members(self) -> list[Student]:
        """The people of a list that has begun."""
        found: list[Student] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            person: Student | None = None
            if isinstance(event, yaml.MappingStartEvent):
                person = self._person()
                if event.anchor and len(self._people) < MAX_ANCHORS:
                    self._people[event.anchor] = person
            elif isinstance(event, yaml.AliasEvent):
                person = self._people.get(event.anchor or "")
            else:
                self._skip(event)
            if person is not None and len(found) < MAX_MEMBERS:
                found.append(person)
        return found

    def _person(self) -> Student:
        about = {key: self._text(value) for key, value in self._pairs()}
        own = about.get(":sid") or about.get(":email") or ""
        return Student(id=own, name=about.get(":name", ""), platform="gradescope", platform_id=own)

    def _pairs(self) -> Iterator[tuple[str, yaml.Event]]:
        """The keys of a mapping that has begun, each with the event that begins its value."""
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            yield self._text(key), self._next()

    def _text(self, event: yaml.Event) -> str:
        """The text that an event is or stands for; "" for all that is no text."""
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and event.value in ("", "~", "null")
            return "" if plain else scalar(event.value[: 4 * MAX_SCALAR])
        if isinstance(event, yaml.AliasEvent):
            return self._texts.get(event.anchor or "", "")
        self._skip(event)
        return ""

    def _skip(self, event: yaml.Event) -> None:
        """Pass over the rest of what an event begins."""
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth <= 0:
                return
            event = self._next()

    def _next(self) -> yaml.Event:
        event = next(self._events, None)
        if event is None:
            raise ValueError("it ends too early")
        self._depth += isinstance(event, yaml.CollectionStartEvent)
        self._depth -= isinstance(event, yaml.CollectionEndEvent)
        if self._depth > MAX_DEPTH:  # libyaml's time grows with the square of it
            raise ValueError("it is nested too deeply")
        if isinstance(event, yaml.ScalarEvent) and event.anchor and len(self._texts) < MAX_ANCHORS:
            self._texts[event.anchor] = self._text(event)
        return event
