"""The facts of assignment.toml, filled into texts in place of `<<name>>`: each fact is written down once.

| name | is |
|---|---|
| `name`, `title`, `version`, `date`, `notebook` | what the toml has under that key |
| `points.QUESTION`, `title.QUESTION`, `points.total` | of one question; the sum over the auto-graded ones |
| `modules.files` | the modules' file names as a list in prose: `a.py`, `b.py` and `c.py` |
| `modules.code` | the same as Python's list: "a.py", "b.py", "c.py" |
| `modules.NAME.questions`, `modules.NAME.points` | of one module: its questions, their points as a sum |
| `by_hand.questions`, `by_hand.rule` | the questions to be done by hand; what a library call costs there |
| `by_hand.calls`, `by_hand.QUESTION` | what all of them, or one, are to be done without |
| `written.questions`, `written.points` | the same of the written questions |
| `exercises.q1.points` and the like | the sum over all questions of an exercise |
| `training.sample.epochs` and the like | what the toml has in the table [training] |
| `rubric.QUESTION` | in rubric.md only: the items of rubric.toml as a table |
| any other | a key of the table [facts] |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from autograder.errors import LabError
from autograder.lab.lab import Lab

_COSTLY = "a question that is answered by such a call scores 0"
_NOTED = "such a call is noted for the people who grade; by itself it costs no points"
MARK = re.compile(r"<<([a-z][\w.]*)>>")
_LIKE_A_MARK = re.compile(r"<<(\s*)([A-Za-z_][\w.-]*)(\s*)>>")


def facts_of(lab: Lab) -> dict[str, str]:
    """Every fact by the name that it has in texts."""
    found = {"name": lab.name, "title": lab.title, "version": lab.version, "notebook": lab.notebook}
    found["date"] = lab.date.isoformat() if lab.date else ""
    found["points.total"] = _text(lab.max_score)
    for question in lab.questions:
        found[f"points.{question.id}"] = _text(question.points)
        found[f"title.{question.id}"] = question.title
    groups = {f"modules.{name}": [q for q in lab.auto_graded if q.module == name] for name in lab.modules}
    groups["written"] = [question for question in lab.questions if question.written]
    for name, questions in groups.items():
        found[f"{name}.questions"] = ", ".join(question.id for question in questions)
        found[f"{name}.points"] = " + ".join(_text(question.points) for question in questions)
    exercises: dict[str, float] = {}
    for question in lab.questions:
        exercise = question.id.partition("_")[0]
        exercises[exercise] = exercises.get(exercise, 0.0) + question.points
    found |= {f"exercises.{name}.points": _text(points) for name, points in exercises.items()}
    found |= dict(_by_hand(lab))
    found["by_hand.rule"] = _COSTLY if lab.shortcuts_cost_points else _NOTED
    *others, last = (f"`{name}`" for name in lab.module_files)
    found["modules.files"] = f"{', '.join(others)} and {last}" if others else last
    found["modules.code"] = ", ".join(f'"{name}"' for name in lab.module_files)
    if lab.training is not None:
        found |= dict(_flat("training", lab.training.model_dump()))
    return found | {name: _text(value) for name, value in lab.facts.items()}


def filled(text: str, facts: dict[str, str], name: str) -> str:
    """The text with its facts filled in. LabError names the line of each one that does not exist."""
    missing = []

    def value(match: re.Match[str]) -> str:
        if match[1] not in facts:
            line = text.count("\n", 0, match.start()) + 1
            close = get_close_matches(match[1], facts, n=3) or ["a key of [facts] in assignment.toml"]
            remedy = f"did you mean {' or '.join(close)}?"
            if match[1].startswith("rubric."):
                remedy = f"give it items [[{match[1].removeprefix('rubric.')}]] in rubric.toml"
            missing.append(f"{name}:{line}: there is no fact {match[0]}; {remedy}")
        return facts.get(match[1], "")

    done = MARK.sub(value, text)
    missing += _mistyped(text, facts, name)
    if missing:
        raise LabError("\n".join(missing))
    return done


def _mistyped(text: str, facts: dict[str, str], name: str) -> Iterator[str]:
    """Marks that are written in another way, which students would read as they are.

    With spaces in it, `<< n >>` may be two operators of Python's; it is no mark then if no fact is named so.
    """
    for match in _LIKE_A_MARK.finditer(text):
        meant = match[2].lower().replace("-", "_")
        close = [meant] if meant in facts else get_close_matches(meant, facts, n=3)
        if not MARK.fullmatch(match[0]) and (close or not (match[1] or match[3])):
            line = text.count("\n", 0, match.start()) + 1
            remedy = " or ".join(f"<<{each}>>" for each in close or ["name"])
            told = "facts are written in small letters and without spaces"
            yield f"{name}:{line}: {match[0]} would be printed as it is; {told}: {remedy}"


def _by_hand(lab: Lab) -> Iterator[tuple[str, str]]:
    """Which questions are to be done by hand, and without which calls; both empty where there are none."""
    asked = {question.id: question.by_hand for question in lab.auto_graded if question.by_hand}
    try:
        module = lab.optional("by_hand") if asked else None
    except LabError:
        module = None  # the list of slips names its place, and nothing is written before it is corrected
    told = module.BY_HAND.told if module else {}
    yield "by_hand.questions", ", ".join(asked)
    yield "by_hand.calls", _calls(dict.fromkeys(kind for kinds in asked.values() for kind in kinds), told)
    for question, kinds in asked.items():
        yield f"by_hand.{question}", _calls(kinds, told)


def _calls(kinds: Iterable[str], told: Mapping[str, str]) -> str:
    return ", ".join(told.get(kind, kind) for kind in kinds)


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}", item)
    elif isinstance(value, (str, int, float)):
        yield prefix, _text(value)


def _text(value: str | int | float) -> str:
    """A number as Python reads it and people write it: 12 for 12.0. A text is itself."""
    return f"{value:g}" if isinstance(value, float) else str(value)
