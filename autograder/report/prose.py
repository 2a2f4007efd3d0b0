"""Markdown with formulas, as students write it, to HTML that is safe in a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from autograder.report.maths import mathml
from autograder.text import clean, cut

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_PROSE = 40_000
MAX_FORMULAS = 500
ATTACHED = "attachment:"
"""How the address of a picture begins that was handed in with the notebook."""


def prose(text: str, picture: Callable[[str], str | None] | None = None) -> Markup:
    """Markdown as HTML: formulas as MathML; HTML in it as text; links and pictures as their words.

    `picture` gives the address of a picture of the answer's own, by its name; None where it is not shown.
    """
    shown = cut(clean(text), MAX_PROSE)
    try:
        return Markup(_markdown().render(shown, {"links": [], "formulas": 0, "picture": picture}))
    except Exception:  # whatever a text does to the parser, the others' texts are on the same page
        return Markup("<pre>{}</pre>").format(shown)


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.use(dollarmath_plugin, double_inline=True).use(amsmath_plugin)
    rules: dict[str, Callable[..., str]] = {
        "math_inline": _formula,
        "math_inline_double": _display,
        "math_block": _display,
        "math_block_label": _display,
        "amsmath": _display,
        "heading_open": _heading_open,
        "heading_close": _heading_close,
        "link_open": _link_open,
        "link_close": _link_close,
        "image": _image,
        "fence": _code,
        "code_block": _code,
    }
    for name, rule in rules.items():
        markdown.add_render_rule(name, rule)
    return markdown


def _formula(_: Any, tokens: Sequence[Token], index: int, options: Any, env: Any, block: bool = False) -> str:
    env["formulas"] += 1
    if env["formulas"] > MAX_FORMULAS:
        return Markup('<code class="formula">{}</code>').format(tokens[index].content)
    return mathml(tokens[index].content, block=block)


def _display(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    formula = _formula(renderer, tokens, index, options, env, block=True)
    return Markup('<span class="display" role="group" aria-label="Formula" tabindex="0">{}</span>').format(
        Markup(formula)
    )


def _heading_open(*_: Any) -> str:
    """A heading of an answer is none of the page's."""
    return '<p class="heading">'


def _heading_close(*_: Any) -> str:
    return "</p>\n"


def _link_open(_: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    env["links"].append(str(tokens[index].attrGet("href") or ""))
    return ""


def _link_close(_: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A link's target is shown, but not linked."""
    target = env["links"].pop()
    before = tokens[index - 1].content if index else ""
    return "" if before == target else Markup(' <span class="aside">({})</span>').format(target)


def _image(_: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    source = str(tokens[index].attrGet("src") or "")
    if env["picture"] is not None and source.startswith(ATTACHED):
        address = env["picture"](source.removeprefix(ATTACHED))
        if address is not None:
            words = tokens[index].content or "picture in the answer"
            return Markup('<img class="photo" src="{}" alt="{}">').format(address, words)
    return Markup('<span class="aside">[picture: {}]</span>').format(tokens[index].content)


def _code(_: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return Markup("<pre>{}</pre>\n").format(escape(tokens[index].content))
