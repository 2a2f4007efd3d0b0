"""Pages: one HTML file each, with everything in it, that asks nothing of any other machine."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.grade import Verdict
from autograder.report.prose import prose
from autograder.text import clean, cut, measured, one_line, points

MAX_TEXT = 8_000
LOOKS = {
    Verdict.PASSED: ("good", "✓"),
    Verdict.GRADED: ("good", "✓"),
    Verdict.UNGRADED: ("idle", "…"),
    Verdict.NOT_RUN: ("idle", "–"),
    Verdict.NOT_IMPLEMENTED: ("warn", "○"),
    Verdict.WRONG: ("bad", "✗"),
    Verdict.ERROR: ("bad", "!"),
    Verdict.MEMORY: ("plum", "■"),
    Verdict.TIMEOUT: ("plum", "◷"),
    Verdict.CRASHED: ("plum", "⚡"),
}
"""For each verdict, its colour in the style sheet and a sign, for readers who cannot tell colours apart."""


def page(template: str, **values: Any) -> str:
    """A page from its template. All text is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        points=points,
        measured=measured,
        prose=prose,
        line=one_line,
        clean=lambda text: cut(clean(text).strip("\n"), MAX_TEXT),
        look=lambda verdict: LOOKS[verdict][0],
        sign=lambda verdict: LOOKS[verdict][1],
        percent=lambda share: f"{100 * share:.0f} %",
        feedback_of=feedback_link,
    )
    return environment


def feedback_link(submission: str) -> str:
    """Where a submission's feedback is, from a page of the results folder."""
    return f"{quote(submission, safe='', errors='surrogateescape')}/feedback.html"
