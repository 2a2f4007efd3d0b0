"""Was it done by hand? Finds the calls that do a question's work, in the text and at run time.

Neither look is trusted by itself: a text can hide a name, and a worker can lie about what it ran. Besides, a
note says where a text names the grader's own modules, or reaches for what only Python's inside knows: no
homework needs that.
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


INSIDES = frozenset(
    (
        *("_getframe", "_current_frames", "currentframe", "getouterframes", "getinnerframes"),
        *("f_back", "f_locals", "f_globals", "tb_frame", "gi_frame", "get_objects", "get_referrers"),
        *("get_referents", "meta_path", "setprofile", "settrace", "__subclasses__", "__globals__"),
        *("cell_contents", "__closure__"),
    )
)
"""Names by which code gets at frames, objects and modules that nobody has handed to it."""
_MODULES_OF = frozenset({"sys"})
_FILES = frozenset(("ipynb", "py", "zip", "md", "pdf", "txt"))


def intrusions(text: str, module: str, own: Collection[str]) -> list[Shortcut]:
    """Where a module names the grader's `own` packages, or uses what only Python's inside knows."""
    lines: dict[str, set[int]] = {}
    for name, line in _intruding(text, frozenset(own)):
        lines.setdefault(name, set()).add(line)
    return [Shortcut(name, module, tuple(sorted(found)), False) for name, found in sorted(lines.items())]


@lru_cache(maxsize=32)
def _intruding(text: str, own: frozenset[str]) -> tuple[tuple[str, int], ...]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = []
    for node in ast.walk(tree):
        for name in _intruded(node, own):
            found.append((name, getattr(node, "lineno", 0)))
    return tuple(found)


def _intruded(node: ast.AST, own: frozenset[str]) -> Iterator[str]:
    """What of the grader, or of Python's inside, an expression names."""
    match node:
        case ast.Import(names) | ast.ImportFrom(names=names, module=None):
            yield from (each.name for each in names if _root(each.name) in own | {"gc"})
        case ast.ImportFrom(module=str(name), names=names):
            if _root(name) in own | {"gc"}:
                yield name
            yield from (f"{name}.{each.name}" for each in names if each.name in INSIDES)
            yield from ("sys.modules" for each in names if name == "sys" and each.name == "modules")
        case ast.Attribute(ast.Name(base), "modules") if base in _MODULES_OF:
            yield "sys.modules"
        case ast.Attribute(attr=name) | ast.Name(id=name) if name in INSIDES:
            yield name
        case ast.Constant(str(value)) if value in INSIDES or _names_module(value, own):
            yield value


def _names_module(text: str, own: frozenset[str]) -> bool:
    """Whether a text is the dotted name of one of the grader's modules, and not that of a file."""
    parts = text[:100].split(".")
    return (
        len(parts) > 1 and parts[0] in own and parts[-1] not in _FILES and all(map(str.isidentifier, parts))
    )


def _root(name: str) -> str:
    return name.partition(".")[0]


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
