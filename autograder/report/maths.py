"""LaTeX formulas to MathML, for browsers that show it without any script."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from markupsafe import Markup, escape

MAX_FORMULA = 4_000
ROWS = ("mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "mstyle", "mpadded", "mphantom", "menclose")
SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "none")
ELEMENTS = {*ROWS, *SCRIPTS, "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd"}
WORDS = re.compile(r"[a-z-]{1,20}( [a-z-]{1,20}){0,30}")
LENGTH = re.compile(r"\d{0,2}(\.\d{1,4})?(em|ex|px|pt|mu|%)?")
WORDY = ("displaystyle", "mathvariant", "stretchy", "fence", "form", "separator", "largeop", "movablelimits")
MORE = (
    "symmetric",
    "accent",
    "accentunder",
    "columnalign",
    "rowlines",
    "columnlines",
    "notation",
    "linebreak",
)
LONG = ("width", "lspace", "rspace", "minsize", "maxsize", "linethickness")
ATTRIBUTES = {**dict.fromkeys(WORDY + MORE, WORDS), **dict.fromkeys(LONG, LENGTH)}
"""Of what a formula can ask for, what may be in a page: nothing that links, styles or moves far away."""

SAME = {
    r"\begin{aligned}": r"\begin{align*}",
    r"\begin{align}": r"\begin{align*}",
    r"\begin{split}": r"\begin{align*}",
    r"\begin{gather}": r"\begin{array}{c}",
    r"\begin{gather*}": r"\begin{array}{c}",
    r"\begin{gathered}": r"\begin{array}{c}",
    r"\begin{eqnarray}": r"\begin{array}{rcl}",
    r"\begin{eqnarray*}": r"\begin{array}{rcl}",
    r"\begin{equation}": "{",
    r"\begin{equation*}": "{",
}
"""Environments that the converter lacks, in terms of those that it has."""


@lru_cache(4096)
def mathml(latex: str, *, block: bool = False) -> Markup:
    """A formula as MathML; its source as text where that cannot be done. Safe with any input."""
    source = latex.strip()
    try:
        inside = _clean(_element(source, block))
    except Exception:  # the converter fails on wrong formulas in many ways, and deep ones exhaust the stack
        return Markup('<code class="formula">{}</code>').format(source)
    display = Markup(' display="block"') if block else Markup("")
    return Markup('<math{} alttext="{}">{}</math>').format(display, source, inside)


def _element(source: str, block: bool) -> Element:
    from latex2mathml.converter import Converter

    if len(source) > MAX_FORMULA or re.search(r"\\(def|let|(re|provide)?newcommand)\b", source):
        raise ValueError("not a plain formula")
    for old, new in SAME.items():
        end = "}" if new == "{" else re.sub(r"^\\begin(\{[^}]*\}).*", r"\\end\1", new)
        source = source.replace(old, new).replace(old.replace("begin", "end"), end)
    return Converter(display="block" if block else "inline").convert_to_element(source)


def _clean(element: Element) -> Markup:
    """The element's children, rebuilt from what is allowed. The converter itself escapes nothing."""
    parts = [Markup(escape(html.unescape(element.text or "")))]
    for child in element:
        if child.tag not in ELEMENTS:
            raise ValueError(f"<{child.tag}> is not allowed")
        attributes = Markup("").join(
            Markup(' {}="{}"').format(name, value)
            for name, value in child.attrib.items()
            if name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value)
        )
        parts.append(Markup("<{0}{1}>{2}</{0}>").format(child.tag, attributes, _clean(child)))
    return Markup("").join(parts)
