"""A question's public checks as a notebook shows them, and as plain text in a terminal.

Styles are written into each element, and no colour is given to text on the page's own background: front ends
remove style sheets from a notebook that is opened again, and have light and dark themes. Words say all that
colours do.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from torch import Tensor

from autograder.checking.judge import Compared
from autograder.checking.outcome import NOT_STARTED, PublicOutcome, alike

_GREEN, _RED, _GREY = "#1a7f37", "#b42318", "#5f6b7a"
_BOX = "border-left:4px solid {0};padding:6px 12px;margin:4px 0;max-width:72em"
_HEAD = "background-color:{0};color:#ffffff;padding:1px 8px;border-radius:3px;font-weight:bold"
_PRE = "white-space:pre-wrap;margin:4px 0;overflow-wrap:normal;word-break:normal"
_PLAIN = "color:inherit;background:transparent;font-size:inherit"
_CELL = "padding:2px 8px;text-align:right;border:1px solid #8c959f;" + _PLAIN
_OFF = _CELL + ";background:#b42318;color:#ffffff;font-weight:bold"
_SIDE = "vertical-align:top;padding:0 16px 0 0;text-align:left;" + _PLAIN
_TABLE = "border-collapse:collapse;margin:4px 0;" + _PLAIN
_WIDTH = 88


@dataclass(frozen=True, eq=False)
class Checked:
    """What `grader.check` returns: the outcomes of one question's public checks.

    `note` is said where all of them pass, or none was run; `remarks` are about the module's file.
    """

    question: str
    outcomes: Sequence[PublicOutcome]
    note: str = ""
    remarks: Sequence[str] = ()

    @property
    def grade(self) -> float:
        """The share of the checks that passed, from 0 to 1."""
        return sum(o.passed for o in self.outcomes) / len(self.outcomes) if self.outcomes else 0.0

    @property
    def headline(self) -> tuple[str, str, str]:
        """A word, a sentence and a colour for the whole question."""
        total, passed = len(self.outcomes), sum(o.passed for o in self.outcomes)
        if not total:
            return "No such question", "nothing was checked", _GREY
        if passed == total:
            return "Passed", _counted(total, "all"), _GREEN
        failed = [o for o in self.outcomes if not o.passed]
        if all(o.verdict == NOT_STARTED for o in failed):
            return "Not started", f"open {failed[0].place}" if failed[0].place else "no code yet", _GREY
        return "Not right yet", f"{passed} of {_counted(total)} passed", _RED

    @property
    def _noted(self) -> bool:
        return bool(self.note) and all(o.passed for o in self.outcomes)

    def __repr__(self) -> str:
        word, sentence, _ = self.headline
        lines = [f"{self.question}: {word}. {_sentence(sentence)}"]
        if word == "Not right yet":
            for group in alike(self.outcomes):
                lines += ["", f"- {_titles(group)}", textwrap.indent(_wrapped(group[0].text), "  ")]
        return "\n".join([*lines, *([self.note] if self._noted else []), *map(_wrapped, self.remarks)])

    def _repr_html_(self) -> str:
        word, sentence, colour = self.headline
        head = (
            f'<div><span style="{_HEAD.format(colour)}">{escape(word)}</span> '
            f"<b>{escape(self.question)}</b>: {escape(_sentence(sentence))}</div>"
        )
        parts = [head]
        if word == "Not right yet":
            parts += [_group(group) for group in alike(self.outcomes)]
        if self._noted:
            parts.append(f'<div style="margin-top:4px"><small>{escape(self.note)}</small></div>')
        parts += [f'<div style="margin-top:4px">{escape(remark)}</div>' for remark in self.remarks]
        return f'<div style="{_BOX.format(colour)}">{"".join(parts)}</div>'


@dataclass(frozen=True, eq=False)
class AllChecked:
    """What `grader.check_all` returns: every question's public checks, each in a line or more."""

    questions: Sequence[Checked]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.questions))

    def _repr_html_(self) -> str:
        return "".join(one._repr_html_() for one in self.questions)


def _counted(total: int, which: str = "") -> str:
    noun = "public check" if total == 1 else "public checks"
    if which and total > 1:
        return f"{which} {total} {noun} pass"
    return f"the {noun} passes" if which else f"{total} {noun}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _titles(group: Sequence[PublicOutcome]) -> str:
    return "; ".join(one.title for one in group)


def _wrapped(text: str) -> str:
    """Sentences broken between words; lines of numbers and of code as they are."""
    lines = []
    for line in text.splitlines():
        prose = len(line) > _WIDTH and "," not in line.partition(" ")[0] and not line.startswith(("[", " "))
        broken = textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
        lines += broken if prose else [line]
    return "\n".join(lines)


def _group(group: Sequence[PublicOutcome]) -> str:
    one = group[0]
    parts = [f'<div style="margin-top:8px"><b>{escape(_titles(group))}</b></div>']
    if one.help:
        parts.append(f'<div style="margin:4px 0">{escape(one.help)}</div>')
    if one.verdict == NOT_STARTED:
        return "".join([*parts, f"<div>{escape(one.summary)}</div>"])
    parts.append(f'<div style="{_PRE}">{escape(one.summary)}</div>')
    if one.compared:
        parts.append(_tables(one.compared))
    if one.trace:
        parts.append(f'<pre style="{_PRE}">{escape(one.trace)}</pre>')
    if one.call:
        parts.append(
            f'<details><summary>The call</summary><pre style="{_PRE}">{escape(one.call)}</pre></details>'
        )
    return "".join(parts)


def _tables(compared: Compared) -> str:
    """Both tensors side by side; in the actual one, what the check found off has a sign and a colour."""
    expected, actual, off = compared
    sides = (("yours", actual, off), ("expected", expected, off & False))
    cells = "".join(f'<td style="{_SIDE}">{name}{_table(values, off)}</td>' for name, values, off in sides)
    return f'<table style="{_TABLE}"><tr>{cells}</tr></table>'


def _table(values: Tensor, off: Tensor) -> str:
    rows = "".join(
        "<tr>" + "".join(_cell(value, bad) for value, bad in zip(row, bad_row, strict=True)) + "</tr>"
        for row, bad_row in zip(values.tolist(), off.tolist(), strict=True)
    )
    return f'<table style="{_TABLE}">{rows}</table>'


def _cell(value: float, off: bool) -> str:
    return f'<td style="{_OFF if off else _CELL}">{"≠ " if off else ""}{value:.6g}</td>'
