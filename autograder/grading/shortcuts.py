"""Was it done by hand? Notes the library calls that did a question's work, from what was seen to run.

A worker watches a call (`autograder.watching`) and says which operations ran, and at which line. It may lie,
so nothing but known operations and lines that exist are taken from it. The text says whether a call is named
there too; only where a call could not be watched does it make a note by itself. Besides, a note says where a
text names the grader's own modules, or reaches for what only Python's inside knows: no homework needs that.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.checking.by_hand import ByHand
from autograder.checking.diagnosis import Sighting
from autograder.handin.python import tree_of
from autograder.lab import Question
from autograder.watching import OTHERWISE, TOO_LONG, TOO_MUCH, UNWATCHED

_REASONS = frozenset((OTHERWISE, TOO_MUCH, TOO_LONG))

Place = tuple[str, int]
"""A module and a line of it."""


@dataclass(frozen=True)
class Shortcut:
    """Library calls of one kind: the operations that ran, at which lines, and where the text names one."""

    kind: str
    operations: tuple[str, ...]
    ran: tuple[Place, ...]
    named: tuple[Place, ...]

    @property
    def certain(self) -> bool:
        """Whether it ran, and the text names it."""
        return bool(self.operations and self.named)

    def __str__(self) -> str:
        if not self.operations:
            return f"{self.kind}: {_places(self.named)}; it could not be watched"
        if self.kind == UNWATCHED:
            return f"a call could not be watched: {'; '.join(self.operations)}"
        also = "" if self.named else ", not named in the text"
        where = f"{_places(self.ran)}; " if self.ran else ""
        return f"{self.kind}: {where}{', '.join(self.operations)} seen at run time{also}"


@dataclass(frozen=True)
class Intrusion:
    """A name of the grader's or of Python's inside, and the lines of the module that use it."""

    name: str
    module: str
    lines: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name}: {self.module}.py, line {', '.join(map(str, self.lines))}"


def _places(places: Iterable[Place]) -> str:
    lines: dict[str, list[str]] = {}
    for module, line in places:
        lines.setdefault(module, []).append(str(line))
    return "; ".join(f"{module}.py, line {', '.join(found)}" for module, found in lines.items())


def shortcuts(
    sources: Mapping[str, str], question: Question, seen: Collection[Sighting] | None, by_hand: ByHand
) -> list[Shortcut]:
    """The shortcuts of a question's functions, by kind.

    Args:
        sources: the submission's modules by name.
        question: the question, which says which kinds of calls it is to be answered without.
        seen: what a worker claims to have run, as (kind, operation, file, line); None where it did not watch.
        by_hand: what the lab watches.

    A call that could not be watched is a note by itself, beside what the text names.
    """
    told = {reason for kind, reason, *_ in seen or () if kind == UNWATCHED}
    why = tuple(sorted(told & _REASONS))
    lines = {name: text.count("\n") + 1 for name, text in sources.items()}
    ran = [known for each in seen or () if (known := _known(each, lines, question, by_hand))]
    named = [
        name
        for name in _named(sources.get(question.module, ""), question.functions, by_hand)
        if name.kind in question.by_hand
    ]
    kinds = {kind for kind, *_ in ran} | {name.kind for name in named if seen is None or why}
    found = [_shortcut(kind, ran, named, question.module) for kind in sorted(kinds)]
    return [*found, Shortcut(UNWATCHED, why, (), ())] if why and question.by_hand else found


def _known(
    seen: Sighting, lines: Mapping[str, int], question: Question, by_hand: ByHand
) -> tuple[str, str, Place | None] | None:
    """A sighting as far as it can be believed, or None."""
    kind, operation, file, line = seen
    if kind not in question.by_hand or not by_hand.knows(kind, operation):
        return None
    module = file.removesuffix(".py")
    there = 0 < line <= lines.get(module, 0)
    return kind, operation, (module, line) if there else None


def _shortcut(
    kind: str, ran: Iterable[tuple[str, str, Place | None]], named: Iterable[Named], module: str
) -> Shortcut:
    mine = [(operation, place) for of, operation, place in ran if of == kind]
    places = {place for _, place in mine if place}
    lines = {(module, n.line) for n in named if n.kind == kind and (n.sure or (module, n.line) in places)}
    operations = sorted({operation for operation, _ in mine})
    return Shortcut(kind, tuple(operations), tuple(sorted(places)), tuple(sorted(lines)))


INSIDES = frozenset(
    (
        *("_getframe", "_current_frames", "currentframe", "getouterframes", "getinnerframes"),
        *("f_back", "f_locals", "f_globals", "tb_frame", "gi_frame", "get_objects", "get_referrers"),
        *("getprofile", "gettrace"),
        *("get_referents", "meta_path", "setprofile", "settrace", "__subclasses__", "__globals__"),
        *("cell_contents", "__closure__", "_disable_current_modes", "_pop_mode", "_pop_mode_temporarily"),
    )
)
"""Names by which code gets at frames, objects and modules that nobody has handed to it."""
_MODULES_OF = frozenset({"sys"})
_FILES = frozenset(("ipynb", "py", "zip", "md", "pdf", "txt"))


def intrusions(text: str, module: str, own: Collection[str]) -> list[Intrusion]:
    """Where a module names the grader's `own` packages, or uses what only Python's inside knows."""
    lines: dict[str, set[int]] = {}
    for name, line in _intruding(text, frozenset(own)):
        lines.setdefault(name, set()).add(line)
    return [Intrusion(name, module, tuple(sorted(found))) for name, found in sorted(lines.items())]


@lru_cache(maxsize=32)
def _intruding(text: str, own: frozenset[str]) -> tuple[tuple[str, int], ...]:
    tree = tree_of(text)
    found = []
    nodes = list(ast.walk(tree)) if tree else []
    imported = dict(_imported(nodes))
    for node in nodes:
        for name in _intruded(node, own, imported):
            found.append((name, getattr(node, "lineno", 0)))
    return tuple(found)


def _intruded(node: ast.AST, own: frozenset[str], imported: Mapping[str, str]) -> Iterator[str]:
    """What of the grader, or of Python's inside, an expression names; or what of a library it hides."""
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
        case ast.Call(ast.Name("getattr"), [library, wanted, *_]) if not isinstance(wanted, ast.Constant):
            if _leads(library, imported, {}):
                yield "getattr of a name that is put together"
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


# ---- what the text names -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A library's function that a text names: `sure` where the name leads to an import of the library."""

    kind: str
    line: int
    sure: bool


@dataclass(frozen=True)
class _Text:
    """A module's text, read once: each definition's nodes, by name what it imports, the names of its own."""

    parts: Mapping[str, Sequence[ast.AST]]
    imported: Mapping[str, str]
    own: frozenset[str]


@lru_cache(maxsize=32)
def _read(text: str) -> _Text | None:
    """What a module's text says; None where it has no syntax tree."""
    tree = tree_of(text)
    if tree is None:
        return None
    nodes = list(ast.walk(tree))
    own = frozenset(_own(nodes))
    parts = {n.name: list(ast.walk(n)) for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    return _Text(parts, {name: path for name, path in _imported(nodes).items() if name not in own}, own)


def _named(text: str, functions: Iterable[str], by_hand: ByHand) -> Iterator[Named]:
    """The library's functions in some functions and in those of the module that they call.

    Another question's function is that question's own matter. A method counts as the library's where the
    module defines none of that name, but not for sure.
    """
    read = _read(text)
    if read is None:
        return
    imported, own = read.imported, read.own
    leading: dict[int, bool] = {}
    for nodes in _reached(read.parts, functions, by_hand.others):
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            if not isinstance(node, (ast.Name, ast.Attribute)):
                continue
            leads = _leads(node, imported, leading)
            name = node.attr if isinstance(node, ast.Attribute) else imported.get(node.id, "")
            if leads and (kind := by_hand.kind(name.rpartition(".")[2])):
                yield Named(kind, node.lineno, True)
            elif (
                isinstance(node, ast.Attribute) and id(node) in called and not leads and node.attr not in own
            ):
                yield from (Named(kind, node.lineno, False) for kind in [by_hand.kind(node.attr)] if kind)


def _reached(
    defined: Mapping[str, Sequence[ast.AST]], functions: Iterable[str], others: Collection[str]
) -> Iterator[Sequence[ast.AST]]:
    """The nodes of some functions' definitions, and of what they use from their module."""
    waiting = [name for name in functions if name in defined]
    reached = {*functions, *others}
    while waiting:
        nodes = defined[waiting.pop()]
        yield nodes
        for node in nodes:
            if isinstance(node, ast.Name) and node.id in defined and node.id not in reached:
                reached.add(node.id)
                waiting.append(node.id)


def _imported(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """By name what a module imports, as dotted paths; of two imports of a name the last one."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                found[each.asname or _root(each.name)] = each.name if each.asname else _root(each.name)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({each.asname or each.name: f"{node.module}.{each.name}" for each in node.names})
    return found


def _own(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that a module gives to things of its own: functions, classes, variables, parameters."""
    found = set()
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.arg):
            found.add(node.arg)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _leads(node: ast.expr, imported: Mapping[str, str], known: dict[int, bool]) -> bool:
    """Whether a name, or attributes of one, begin at an import.

    What was found is kept in `known` for each part of the chain, so that no part is gone through twice.
    """
    chain: list[int] = []
    while isinstance(node, ast.Attribute) and id(node) not in known:
        chain.append(id(node))
        node = node.value
    found = known.get(id(node), isinstance(node, ast.Name) and node.id in imported)
    known.update(dict.fromkeys(chain, found))
    return found
