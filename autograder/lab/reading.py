"""A lab's own texts and tables are read here: what is wrong with one is said with file, line and remedy."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from autograder.errors import LabError
from autograder.text import NotDecodable, decoded

T = TypeVar("T")
Loc = tuple[int | str, ...]
"""Where a value is in a table of tables: keys and, in lists, numbers."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_DAY_FIRST = re.compile(r"=\s*(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
FORMS = {
    r"^q\d+_\d+$": "a q, a number, an underscore and a number",
    r"^[a-z][a-z0-9_]*$": "a small letter, then small letters, numbers and underscores",
    r"^[^/\\]+\.ipynb$": "the name of an .ipynb file",
    r"^[\w.+-]{1,40}$": "1 to 40 letters, numbers, points, and the signs _ + -, without spaces",
}
"""What each pattern of the settings asks for, in words: few instructors read regular expressions."""


def read_text(path: Path) -> str:
    """A text file of the lab, whatever its line ends; a byte order mark is no part of it.

    LabError when it cannot be read or is not UTF-8. FileNotFoundError is left to who knows what follows.
    """
    try:
        return decoded(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from None
    except NotDecodable as error:
        raise LabError(f"{path}:{error.line}: {error}; save the file as UTF-8") from None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file. LabError as `read_text` has it, and when it is no TOML: with the line, and what to do."""
    return _toml(path, read_text(path))


def read_table(path: Path, form: TypeAdapter[T], **more: Any) -> T:
    """A TOML file in the form that it should have, with some values added.

    LabError as `read_toml` has it, and for what is not in that form: a line for each such place.
    """
    text = read_text(path)
    try:
        return form.validate_python({**_toml(path, text), **more})
    except ValidationError as error:
        known = sorted(_names(form.json_schema()))
        raise LabError("\n".join(_problems(path, text, error, known))) from None


def line_of_table(path: Path, name: str) -> int:
    """The line at which a table of a TOML file begins; 1 where it is written in some other way."""
    places = _places(read_text(path))
    return places.get((name, 0)) or places.get((name,)) or 1


def conflict(text: str) -> int | None:
    """The line at which a merge left both sides' texts for a person to choose; None where there is none.

    The line of equals signs between them does not count: it may be the line below a heading.
    """
    found = list(_CONFLICT.finditer(text))
    both = len({match[1] for match in found}) == 2
    return text.count("\n", 0, found[0].start()) + 1 if both else None


UNRESOLVED = ("a merge left two texts here", "keep one, and remove the lines of <<<<<<<, ======= and >>>>>>>")
"""What is said of a conflict, and what to do."""


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if line := conflict(text):
            raise LabError(f"{path}:{line}: {'; '.join(UNRESOLVED)}") from None
        at = _AT.search(str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        told = f"this is not TOML: {_AT.sub('', str(error))}"
        raise LabError(f"{path}:{line}: {told}; {_remedy([*text.splitlines(), ''][line - 1])}") from None


def _remedy(line: str) -> str:
    """What to do about a line that is not TOML."""
    if day := _DAY_FIRST.search(line):
        return f"write the day as {day[3]}-{int(day[2]):02}-{int(day[1]):02}, the year first"
    header = _HEADER.match(line)
    if header and header[1] == "[":
        name = header[2]
        return (
            f"write [[{name}]], with two brackets, above each of several of a kind; one table is there once"
        )
    return "texts need quotes at both ends, lists [ and ], and each key is there once in its table"


def _problems(path: Path, text: str, error: ValidationError, known: list[str]) -> Iterator[str]:
    """What is not as it should be, a line each. Of a key that is mistyped the right one is missing, too."""
    places = _places(text)
    problems = [problem for problem in error.errors(include_url=False) if not _uncounted(problem)]
    typed = {problem["loc"]: problem for problem in problems if problem["type"] == "extra_forbidden"}
    meant = {loc: _close(loc, known) for loc in typed}
    explained = {(*loc[:-1], name) for loc, name in meant.items() if name}
    for problem in problems:
        loc, told = problem["loc"], problem["msg"]
        if problem["type"] == "missing" and loc in explained:
            continue
        line = _line(places, loc)
        key = f"`{_key(loc)}`"
        if problem["type"] == "missing":
            told = f"{key} is missing; add a line {_key(loc)} = …"
        elif problem["type"] == "extra_forbidden":
            name = meant[loc]
            told = f"there is no key {key} in this place; " + (
                f"did you mean `{name}`?" if name else "remove it, or move it to where it belongs"
            )
        elif problem["type"] == "value_error":
            told = told.removeprefix("Value error, ")
            if not loc:
                about = told.partition(":")[0]
                line = _line_of_id(text, about) or places.get((about,))
            elif not told.startswith("`"):
                told = told if ":" in told.partition(" ")[0] else f"{key}: {told}"
        else:
            told = _plain(key, problem)
        yield f"{path}:{line}: {told}" if line else f"{path}: {told}"


def _uncounted(problem: Mapping[str, Any]) -> bool:
    """Whether a list is too short only because what is wrong in it was not counted, which is said itself."""
    given, least = problem["input"], problem.get("ctx", {}).get("min_length")
    return problem["type"] == "too_short" and isinstance(given, Sequence) and len(given) >= least


def _plain(key: str, problem: Mapping[str, Any]) -> str:
    """A value of the wrong kind, in words: what is there, and what should be."""
    given = problem["input"]
    shown = "a table" if isinstance(given, Mapping) else repr(given)
    shown = given.isoformat() if isinstance(given, datetime.date) else shown
    shown = {True: "true", False: "false"}.get(given, shown) if isinstance(given, bool) else shown
    told = str(problem["msg"])
    pattern = problem.get("ctx", {}).get("pattern")
    if pattern is not None:
        told = f"it should be {FORMS[pattern]}" if pattern in FORMS else f"it should match {pattern}"
    elif problem["type"] == "tuple_type" and isinstance(given, Mapping):
        told = f"write [[{key.strip('`')}]], with two brackets, above each of them"
    elif problem["type"] == "tuple_type":
        told = "it should be a list, in [ and ]"
    elif problem["type"] == "string_type":
        told = "it should be a text" + ("" if isinstance(given, (Mapping, list)) else f': write "{shown}"')
    elif problem["type"].startswith("date_"):
        day = given.date() if isinstance(given, datetime.datetime) else "2026-11-26"
        told = f"it should be a day such as {day}, without quotes and without a time"
    else:
        told = re.sub(
            r"^(?:Input|Value|Tuple|String) should", "it should", told.partition(" after validation")[0]
        )
        told += _as_a_share(problem)
    return f"{key} is {shown if len(shown) < 60 else 'something else'}; {told}"


def _as_a_share(problem: Mapping[str, Any]) -> str:
    """What to write for a number of per cent where a share of 1 is asked for."""
    given, limits = problem["input"], problem.get("ctx", {})
    asked = 1 in (limits.get("lt"), limits.get("le")) and isinstance(given, (int, float))
    return f": write {given / 100:g} for {given:g} per cent" if asked and 1 < given <= 100 else ""


def _key(loc: Loc) -> str:
    """A value's own key; a number in a list goes with the list's."""
    names = [part for part in loc if isinstance(part, str)]
    return names[-1] if names else "the file"


def _close(loc: Loc, known: list[str]) -> str:
    found = get_close_matches(str(loc[-1]), known, n=1, cutoff=0.6)
    return found[0] if found and found[0] != loc[-1] else ""


def _names(schema: Mapping[str, Any]) -> Iterator[str]:
    """Every key that some table of a form may have."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


def _places(text: str) -> dict[Loc, int]:
    """The lines of a TOML file's tables and keys."""
    places: dict[Loc, int] = {}
    count: dict[Loc, int] = {}
    table: Loc = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = ()
            *above, last = header[2].split(".")
            for name in above:
                table = (*table, name)
                table = (*table, count[table]) if table in count else table
            table = (*table, last)
            if header[1] == "[[":
                count[table] = count.get(table, -1) + 1
                table = (*table, count[table])
            places.setdefault(table, number)
        elif key := _KEY.match(line):
            places.setdefault((*table, key[1]), number)
    return places


def _line(places: Mapping[Loc, int], loc: Loc) -> int | None:
    """The line of a value, or of the innermost table around it that has one."""
    while loc and loc not in places:
        loc = loc[:-1]
    return places.get(loc)


def _line_of_id(text: str, name: str) -> int | None:
    """The last line that gives something this id: where an id is there twice, the second one."""
    lines = enumerate(text.splitlines(), 1)
    own = re.compile(rf"""^\s*id\s*=\s*["']{re.escape(name)}["']""")
    return max((number for number, line in lines if own.match(line)), default=None)
