"""Was it done by hand? Finds the calls that do a question's work, in the text and at run time.

Neither look is trusted by itself: a text can hide a name, and a worker can lie about what it ran.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from autograder.checking.by_hand import ByHand
from autograder.lab import Question


@dataclass(frozen=True)
class Shortcut:
    """One name, the lines of the module that call it, and whether it was seen to run."""

    name: str
    module: str
    lines: tuple[int, ...]
    ran: bool

    @property
    def certain(self) -> bool:
        """Whether both looks agree."""
        return bool(self.lines) and self.ran

    def __str__(self) -> str:
        if not self.lines:
            return f"{self.name}: seen at run time, not found in {self.module}.py"
        where = f"{self.module}.py, line {', '.join(map(str, self.lines))}"
        return f"{self.name}: {where}; {'seen' if self.ran else 'not seen'} at run time"


def shortcuts(
    sources: Mapping[str, str], question: Question, ran: Collection[str], by_hand: ByHand
) -> list[Shortcut]:
    """The shortcuts of a question's functions, by name. A module that cannot be parsed shows none.

    `sources` are the submission's modules, `ran` the names that a trace saw, `by_hand` what the lab watches.
    """
    lines: dict[str, set[int]] = {}
    module = question.module
    for name, line in _calls(sources.get(module, ""), question.functions, by_hand.calls, by_hand.others):
        lines.setdefault(name, set()).add(line)
    seen = {by_hand.meaning(name) for name in ran if name in by_hand.traced}
    means = {name: by_hand.meaning(name) for name in lines}
    return [
        Shortcut(name, module, tuple(sorted(lines.get(name, ()))), name in seen or means.get(name) in seen)
        for name in sorted(lines.keys() | (seen - set(means.values())))
    ]


@lru_cache(maxsize=32)
def _calls(
    text: str, functions: tuple[str, ...], watched: frozenset[str], others: frozenset[str]
) -> tuple[tuple[str, int], ...]:
    """The watched names, and their lines, in some functions and in those of the module that they call.

    Another question's function is that question's own matter. What was found is kept: a submission that is
    graded under several seeds is parsed once.
    """
    return tuple(_found(text, functions, watched, others))


def _found(
    text: str, functions: tuple[str, ...], watched: frozenset[str], others: frozenset[str]
) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    defined = {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    waiting = [name for name in functions if name in defined]
    reached = {*functions, *others}
    while waiting:
        for node in ast.walk(defined[waiting.pop()]):
            name = _name(node)
            if name in watched:
                yield name, getattr(node, "lineno", 0)
            if name in defined and name not in reached:
                reached.add(name)
                waiting.append(name)


def _name(node: ast.AST) -> str:
    """The name that an expression reads, but for an attribute that is only data, as `x.grad` is."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        is_data = node.attr == "grad" and not _ends_in(node.value, "autograd")
        return "" if is_data else node.attr
    return ""


def _ends_in(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == name) or (
        isinstance(node, ast.Name) and node.id == name
    )
