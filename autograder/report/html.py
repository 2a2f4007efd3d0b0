"""Pages: one HTML file each, with everything in it, that asks nothing of any other machine."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

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


def script(name: str) -> tuple[Markup, Markup]:
    """A script of ours for a page, and what lets this script run there and no other."""
    text = (files("autograder.report") / "templates" / name).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), Markup(f"script-src 'sha256-{digest}'; ")


def page(template: str, **values: Any) -> str:
    """A page from its template. All text is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    return environment("autograder.report")


def environment(*packages: str) -> Environment:
    """How pages are made from the templates of some packages, which are looked through in this order."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
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
