"""Cuts one template twice: into a question without the answers and a solution without the markers.

A region begins at a line `#!TAG HWBEGIN` and ends at `#!TAG HWEND`. Lines `#!MSG text` in it speak to the
student; the rest of it is the answer. `#!TAG SKIPQUESTEXEC` marks a notebook cell that may fail as long as
answers are missing. Each marker is on a line of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from autograder.errors import LabError
from autograder.release.stubs import Hole, fill, parse

_MARKER = re.compile(r"(?P<indent>\s*)#!(?P<words>(?! */).*)$")
_INLINE = re.compile(r"#!(TAG|MSG)\b")
_FORMS = "#!TAG HWBEGIN, #!TAG HWEND, #!TAG SKIPQUESTEXEC or #!MSG text"


class CutterError(LabError):
    """A template that cannot be cut; the text is `file:line: what is wrong`."""


class Form(Enum):
    """What a template's text is."""

    MODULE = auto()
    CODE_CELL = auto()
    MARKDOWN = auto()


@dataclass(frozen=True)
class Place:
    """Where a text is: the file's name, and the line there that is the text's first."""

    name: str
    first: int = 1

    def error(self, index: int, problem: str) -> CutterError:
        """A complaint about the text's line of that index."""
        return CutterError(f"{self.name}:{self.first + index}: {problem}")


@dataclass(frozen=True)
class Cut:
    """Both sides of a template; `may_fail` if it carried SKIPQUESTEXEC."""

    question: str
    solution: str
    may_fail: bool = False


@dataclass
class _Region:
    """One answer with its messages, by indices of lines."""

    begin: int
    indent: str
    end: int = -1
    messages: list[str] = field(default_factory=list)


@dataclass
class _Template:
    """A template's lines, the indices of those that are markers, and its regions."""

    lines: list[str]
    markers: set[int] = field(default_factory=set)
    regions: list[_Region] = field(default_factory=list)
    may_fail: bool = False


@lru_cache(maxsize=4096)
def cut(text: str, form: Form, place: Place) -> Cut:
    """Cut a module, or one cell of a notebook. CutterError says what is wrong, and in which line."""
    template = _read(text, place)
    question = _markdown(template) if form is Form.MARKDOWN else _code(template, form, place)
    if form is Form.MARKDOWN and template.may_fail:
        raise place.error(min(template.markers), "#!TAG SKIPQUESTEXEC belongs in a code cell")
    return Cut(question, _solution(template, form), template.may_fail)


def cut_module(text: str, name: str) -> Cut:
    """Cut a Python file."""
    return cut(text, Form.MODULE, Place(name))


def answers(text: str, name: str) -> tuple[list[tuple[int, str]], str]:
    """The lines of a whole file that are answers, by number, and all its other text, messages included."""
    template = _read(text, Place(name))
    inside = {index for region in template.regions for index in range(region.begin, region.end)}
    inside -= template.markers
    told = "\n".join(message for region in template.regions for message in region.messages)
    outside = (line for index, line in enumerate(template.lines) if index not in inside | template.markers)
    return [(index + 1, template.lines[index]) for index in sorted(inside)], "\n".join([*outside, told])


def has_markers(text: str) -> bool:
    """Whether a marker is left anywhere in a text."""
    return bool(_INLINE.search(text))


# --- reading ---------------------------------------------------------------------------------------------


def _read(text: str, place: Place) -> _Template:
    template = _Template(text.split("\n"))
    inside: _Region | None = None
    for index, line in enumerate(template.lines):
        words = _marker(line, index, place)
        if words is not None:
            template.markers.add(index)
            inside = _step(template, inside, words, index, place)
    if inside is not None:
        raise place.error(inside.begin, "#!TAG HWBEGIN has no #!TAG HWEND in the same cell or file")
    return template


def _marker(line: str, index: int, place: Place) -> str | None:
    """What a marker says after `#!`; None where the line is none. A shebang (`#!/...`) is none."""
    match = _MARKER.match(line)
    if match:
        return match["words"].rstrip()
    if _INLINE.search(line):
        raise place.error(index, "put the marker on a line of its own")
    return None


def _step(
    template: _Template, inside: _Region | None, words: str, index: int, place: Place
) -> _Region | None:
    """Take one marker in; returns the region that is open after it."""
    if words == "TAG HWBEGIN":
        return _begin(template, inside, index, place)
    if words == "TAG SKIPQUESTEXEC":
        if inside is not None:
            raise place.error(index, "#!TAG SKIPQUESTEXEC is inside a region; put it above")
        template.may_fail = True
        return None
    if words == "TAG HWEND":
        if inside is None:
            raise place.error(index, "#!TAG HWEND without a #!TAG HWBEGIN before it in the same cell or file")
        inside.end = index
        return None
    if words == "MSG" or words.startswith("MSG "):
        if inside is None:
            raise place.error(index, "#!MSG outside of a region; it belongs between HWBEGIN and HWEND")
        inside.messages.append(words.removeprefix("MSG").removeprefix(" "))
        return inside
    raise place.error(index, f"unknown marker '#!{words}'; write {_FORMS}")


def _begin(template: _Template, inside: _Region | None, index: int, place: Place) -> _Region:
    if inside is not None:
        open_line = place.first + inside.begin
        raise place.error(index, f"#!TAG HWBEGIN inside the region that line {open_line} began")
    line = template.lines[index]
    region = _Region(index, line[: len(line) - len(line.lstrip())])
    template.regions.append(region)
    return region


# --- writing ---------------------------------------------------------------------------------------------


def _solution(template: _Template, form: Form) -> str:
    """All lines but the markers; in code, no empty lines where markers stood at a region's ends."""
    drop = set(template.markers)
    if form is not Form.MARKDOWN:
        for region in template.regions:
            drop |= _blank_ends(template, region)
    return "\n".join(line for index, line in enumerate(template.lines) if index not in drop)


def _blank_ends(template: _Template, region: _Region) -> set[int]:
    blank: set[int] = set()
    for span in (range(region.begin, region.end), range(region.end, region.begin, -1)):
        for index in span:
            if index not in template.markers and template.lines[index].strip():
                break
            blank.add(index)
    return blank


def _question(template: _Template, replacements: dict[int, list[str]]) -> str:
    """The lines outside of regions and, at each region's end, what is put in its place."""
    inside = {index for region in template.regions for index in range(region.begin, region.end)}
    kept: list[str] = []
    for index, line in enumerate(template.lines):
        if index in replacements:
            kept += replacements[index]
        elif index not in inside and index not in template.markers:
            kept.append(line)
    return "\n".join(kept)


def _markdown(template: _Template) -> str:
    return _question(template, {r.end: [r.indent + m for m in r.messages] for r in template.regions})


def _code(template: _Template, form: Form, place: Place) -> str:
    """The question's code: each answer's place is filled so that the whole compiles."""
    if not template.regions:
        return _question(template, {})
    aligned = ["" if index in template.markers else line for index, line in enumerate(template.lines)]
    program = parse(aligned)
    if isinstance(program, SyntaxError):
        problem = f"the template's code is not valid Python: {program.msg}"
        raise place.error((program.lineno or 1) - 1, problem)
    may_raise = form is Form.MODULE or template.may_fail
    replacements: dict[int, list[str]] = {}
    for region in template.regions:
        hole = Hole(region.begin, region.end, region.indent)
        filling = fill(program, hole, may_raise=may_raise)
        if filling is None:
            raise place.error(region.begin, "the code around this region is not valid Python without it")
        prefix = "" if program.in_string(hole) else "# "
        comments = [f"{region.indent}{prefix}{m}".rstrip() for m in region.messages]
        replacements[region.end] = comments + filling
    question = _question(template, replacements)
    remains = parse(question.split("\n"))
    if isinstance(remains, SyntaxError):
        raise place.error(template.regions[0].begin, f"the question is not valid Python: {remains.msg}")
    return question
