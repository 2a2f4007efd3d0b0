"""The grader's Python, and what a newer one understands and it does not."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import suppress
from types import CodeType

from autograder import OLDEST

PYTHON = OLDEST
"""The oldest Python that a grader may have."""
_LONG = 5_000
"""Characters of a line that is looked at token by token."""
_QUOTES = (
    "Python understands the same quotes inside an f-string's braces only from 3.12 on: use the other kind."
)
_GENERIC = "Python understands this way of writing type parameters only from 3.12 on."


def parsed(text: str) -> ast.Module:
    """The syntax tree of a text. SyntaxError and other errors of Python's where it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def tree_of(text: str) -> ast.Module | None:
    """The syntax tree of a text; None where it has none."""
    try:
        return parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def compiled(text: str, name: str) -> CodeType:
    """The code of a module. SyntaxError, also where Python gives up because it is nested too deeply."""
    try:
        return compile(text, f"{name}.py", "exec", dont_inherit=True)
    except (RecursionError, MemoryError):
        line = _deepest(text)
        shown = text.split("\n")[line - 1][:200]
        told = "it is nested too deeply; shorten it, or split it into several"
        raise SyntaxError(told, (f"{name}.py", line, None, shown)) from None


def _deepest(text: str) -> int:
    """The line where a text is nested the most, or that of the longest statement where it has no tree."""
    tree = tree_of(text)
    if tree is None:
        return _longest(text)
    deepest, line = 0, 1
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > deepest and hasattr(node, "lineno"):
            deepest, line = depth, node.lineno
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return line


def _longest(text: str) -> int:
    """The first line of the statement with the most parts, as far as they can be told apart.

    Each `elif` is a part of its `if`, by the column where both begin.
    """
    lines = text.split("\n")
    longest = max(range(len(lines)), key=lambda n: len(lines[n]))
    if len(lines[longest]) > _LONG:
        return longest + 1
    most, line, begun, parts = 0, 1, 1, 0
    chains: dict[int, tuple[int, int]] = {}
    with suppress(tokenize.TokenError, SyntaxError):
        for token in _tokens(text):
            if token.type == tokenize.NEWLINE:
                parts = 0
            elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
                row, column = token.start
                if not parts:
                    start, others = chains.get(column, (row, 0))
                    chain = (start, others + 1) if token.string == "elif" else (row, 0)
                    chains[column] = chain
                    begun, parts = chain
                parts += 1
                if parts > most:
                    most, line = parts, begun
    return line


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a text without very long lines; none of others.

    Python 3.12 copies a line for each of its tokens, which takes the square of its length.
    """
    if max(map(len, text.split("\n"))) <= _LONG:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)


def newer_syntax(text: str, name: str) -> str:
    """What in a module Python 3.11 does not understand, though this Python does; "" where nothing is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text, feature_version=PYTHON)
    except SyntaxError as error:
        return f"{name}.py, line {error.lineno}: {_GENERIC} {_may_have()}" if tree_of(text) else ""
    except (ValueError, RecursionError, MemoryError):
        return ""
    line = _nested_quotes(text) if sys.version_info >= (3, 12) else 0
    return f"{name}.py, line {line}: {_QUOTES} {_may_have()}" if line else ""


def _may_have() -> str:
    return f"The grader may have Python {'.'.join(map(str, PYTHON))}."


def _nested_quotes(text: str) -> int:
    """The line of an f-string whose braces hold what only Python 3.12 takes there; 0 where there is none."""
    open_quotes: list[str] = []
    start, end = getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "FSTRING_END", -1)
    try:
        for token in _tokens(text):
            quote = token.string.lstrip("rRbBuUfF")[:1]
            if token.type == start:
                if quote in open_quotes:
                    return token.start[0]
                open_quotes.append(quote)
            elif token.type == end:
                open_quotes.pop()
            elif (
                open_quotes
                and token.type == tokenize.STRING
                and (quote in open_quotes or "\\" in token.string)
            ) or (open_quotes and token.type == tokenize.COMMENT):
                return token.start[0]
    except (tokenize.TokenError, SyntaxError, IndexError):
        return 0
    return 0


def of_syntax_error(error: SyntaxError) -> str:
    """What a syntax error says, and which Python says so."""
    version = f"(as Python {sys.version_info[0]}.{sys.version_info[1]} reads it)"
    line = error.text or ""
    quoted = error.msg.startswith("f-string") or 'f"' in line or "f'" in line
    newer = f" {_QUOTES}" if sys.version_info < (3, 12) and quoted and line.count("{") else ""
    return f"{error.msg} {version}.{newer}"
