"""The facts of assignment.toml, filled into texts in place of `<<name>>`: each fact is written down once.

| name | is |
|---|---|
| `name`, `title`, `version`, `date`, `notebook` | what the toml has under that key |
| `points.QUESTION`, `title.QUESTION`, `points.total` | of one question; the sum over the auto-graded ones |
| `modules.files` | the modules' file names as a list in prose: `a.py`, `b.py` and `c.py` |
| `modules.code` | the same as Python's list: "a.py", "b.py", "c.py" |
| `modules.NAME.questions`, `modules.NAME.points` | of one module: its questions, their points as a sum |
| `written.questions`, `written.points` | the same of the written questions |
| `training.sample.epochs` and the like | what the toml has in the table [training] |
| any other | a key of the table [facts] |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from autograder.errors import LabError
from autograder.lab.lab import Lab

MARK = re.compile(r"<<([a-z][\w.]*)>>")


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
            missing.append(f"{name}:{line}: there is no fact {match[0]}; did you mean {' or '.join(close)}?")
        return facts.get(match[1], "")

    done = MARK.sub(value, text)
    if missing:
        raise LabError("\n".join(missing))
    return done


def rubrics(lab: Lab) -> dict[str, str]:
    """The sections of the staff's rubric by the question that their heading names; none without a rubric."""
    parts = re.split(r"^## (q\d+_\d+)\b.*$", rubric(lab), flags=re.MULTILINE)
    return {name: part.strip() for name, part in zip(parts[1::2], parts[2::2], strict=True)}


def rubric(lab: Lab) -> str:
    """The staff's rubric with its facts; "" where the lab has none. LabError when it cannot be read."""
    try:
        text = lab.rubric.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{lab.rubric}: cannot be read: {error}") from None
    return filled(text, facts_of(lab), lab.rubric.relative_to(lab.root).as_posix())


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}", item)
    elif isinstance(value, (str, int, float)):
        yield prefix, _text(value)


def _text(value: str | int | float) -> str:
    """A number as Python reads it and people write it: 12 for 12.0. A text is itself."""
    return f"{value:g}" if isinstance(value, float) else str(value)
