"""Who is behind the submissions of a class: what to call them, and whether someone is there twice."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches

from autograder.errors import UsageError
from autograder.grade import Student
from autograder.gradebook import Results
from autograder.text import one_line, printable, some

MOST = 10
"""So many people are named."""
CLOSE = 5
"""So many names are offered for one that is not there."""


class TwiceError(UsageError):
    """Someone would be in a table twice."""


def composed(text: str) -> str:
    """One form of a name for the several ways in which Unicode can write it: macOS takes letters apart."""
    return unicodedata.normalize("NFC", text.strip())


def meant(asked: str, names: Collection[str]) -> str | None:
    """The name that is asked for, however Unicode writes it; None where there is none, or several are."""
    if asked in names:
        return asked
    found = [name for name in names if composed(name) == composed(asked)]
    return found[0] if len(found) == 1 else None


def perhaps(asked: str, names: Collection[str]) -> str:
    """Asks whether names close to one that is not there were meant; "" where none is close."""
    plain = {name: composed(name).casefold() for name in names}
    wanted = composed(asked).casefold()
    holding = sorted(name for name in names if wanted in plain[name])
    alike = get_close_matches(wanted, plain.values(), n=CLOSE, cutoff=0.7)
    close = [name for text in alike for name in names if plain[name] == text]
    found = list(dict.fromkeys([*holding, *close]))[:CLOSE]
    return f"; did you mean {', '.join(map(one_line, found))}?" if found else ""


def called(name: str, student: Student | None) -> str:
    """The student's name, or the submission's where none is known."""
    return one_line(student.name) if student is not None and student.name.strip() else one_line(name)


def labels(results: Results) -> dict[str, str]:
    """What to call each submission on pages for staff: by name, with the id where a name is there twice."""
    known = dict(students(results))
    names = {name: called(name, student) for name, student in known.items()}
    count = Counter(name.casefold() for name in names.values())
    return {
        name: shown if count[shown.casefold()] == 1 else f"{shown} ({one_line(name)})"
        for name, shown in names.items()
    }


def students(results: Results) -> Iterator[tuple[str, Student | None]]:
    """Every submission of a class that counts, with its student as far as that is known."""
    for name, grade in results.grades.items():
        yield name, grade.student
    for name in (*results.unreadable, *results.broken):
        yield name, results.students.get(name)


def members(name: str, student: Student | None) -> Sequence[Student]:
    """Who handed in, one by one; the submission's name is the id where none is known."""
    if student is None or not (student.id or student.platform_id):
        return [Student(id=name, name=student.name if student else "")]
    return [one for member in student.members for one in members(name, member)] or [student]


Key = tuple[str, str]
"""What tells a person from others: a platform and its id for them, or "" and ours."""


def people(name: str, student: Student | None) -> list[frozenset[Key]]:
    """Who handed in, each as all that tells them from others; who shares one of these is the same person."""
    return [_keys(one) for one in members(name, student)]


def _keys(one: Student, mixed: bool = False) -> frozenset[Key]:
    """All that tells someone from others. Of `mixed` platforms, the ids of two may be the same by chance."""
    found = {(one.platform, one.platform_id)}
    if not (mixed and one.platform and one.id == one.platform_id):
        found.add(("", one.id))
    return frozenset(key for key in found if key[1])


def twice(results: Results) -> list[str]:
    """Who has several grades that count, a line each: by a platform's id, or by a roster's."""
    there = [(name, one) for name, grade in results.grades.items() for one in members(name, grade.student)]
    mixed = len({one.platform for _, one in there if one.platform}) > 1
    same: dict[Key, Key] = {}

    def first(key: Key) -> Key:
        while (other := same.setdefault(key, key)) != key:
            key = other
        return key

    known = [(name, keys) for name, one in there if (keys := sorted(_keys(one, mixed)))]
    for _, keys in known:
        for key in keys:
            same[first(key)] = first(keys[0])
    theirs: dict[Key, dict[str, str]] = {}
    for name, keys in known:
        theirs.setdefault(first(keys[0]), {})[name] = keys[0][1]
    return [
        f"{printable(min(names.values()))} has {len(names)} hand-ins that count "
        f"({', '.join(map(printable, list(names)[:4]))})"
        for _, names in sorted(theirs.items())
        if len(names) > 1
    ]


def refuse_twice(results: Results) -> None:
    """TwiceError where a person has several grades that count: which one a platform would keep is open."""
    if lines := twice(results):
        more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
        do = "no table was written: withdraw all but one, or set hand_ins in assignment.toml"
        raise TwiceError("\n".join([*lines[:MOST], *more, do]))


def counted_once(results: Results) -> list[str]:
    """Submissions without a grade, but for those of people who have one by another hand-in."""
    graded = {
        key for name, grade in results.grades.items() for one in people(name, grade.student) for key in one
    }
    return [
        name
        for name in sorted({*results.unreadable, *results.broken})
        if any(graded.isdisjoint(one) for one in people(name, results.students.get(name)))
    ]


def absent_lines(
    absent: Sequence[str], strangers: Sequence[str], where: str = "in what was graded last"
) -> list[str]:
    """Whose marks are here though they were not in what was graded, or have no row at all."""
    lines = []
    if absent:
        lines.append(f"Marked, but not {where}: {_some(absent)}; their rows and marks are kept.")
    if strangers:
        do = "`convlab marks move` gives them to one"
        lines.append(f"Marked, but without a row here: {_some(strangers)}; {do}.")
    return lines


def lapsed_list(lapsed: Mapping[str, Mapping[str, str]], most: int = MOST) -> tuple[int, str]:
    """How many marks no longer count; and of whom, for which question, and why."""
    found = [
        f"{printable(name)} {question} ({why})"
        for name, reasons in sorted(lapsed.items())
        for question, why in reasons.items()
    ]
    return len(found), some(found, most)


def _some(names: Sequence[str]) -> str:
    return some([*map(printable, names)], MOST)


def late_lines(unsure: Mapping[str, str]) -> list[str]:
    """Of whom it is open how late they were, a line for each reason."""
    who: dict[str, list[str]] = {}
    for name, why in sorted(unsure.items()):
        who.setdefault(why, []).append(one_line(name))
    return [f"{why[:1].upper()}{why[1:]}: {some(names, MOST)}" for why, names in who.items()]
