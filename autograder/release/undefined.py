"""Names that a module uses and never makes: a slip that only running the very line would show."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_EVERYWHERE = frozenset({*dir(builtins), "__file__", "__name__", "__doc__", "__class__"})
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_ANNOTATIONS = ("annotation", "returns")


@dataclass(frozen=True)
class Names:
    """What a module makes and uses.

    `defined` are the names that it defines, in whatever scope; `offered` those that others can import from
    it; `used` those that its code reads when it runs, each with the first line that does.
    """

    defined: frozenset[str]
    offered: frozenset[str]
    used: tuple[tuple[str, int], ...]

    def undefined(self, given: Collection[str] = ()) -> Iterator[tuple[str, int]]:
        """The names that nothing in the module defines, each with the first line that uses it.

        `given` are those that it finds there already. Scopes are not told apart, and annotations are left
        out, which need not be evaluated; of a module that imports `*` nothing can be said.
        """
        if "*" not in self.defined:
            there = {*self.defined, *given, *_EVERYWHERE}
            yield from ((name, line) for name, line in self.used if name not in there)


def names_in(tree: ast.Module) -> Names:
    """The names of a module, by one walk through its tree: there are hundreds of modules."""
    defined: set[str] = set()
    offered: set[str] = set()
    used: dict[str, tuple[int, int]] = {}
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            place = (node.lineno, node.col_offset)
            used[node.id] = min(place, used.get(node.id, place))
            continue
        made = tuple(_made(node))
        defined.update(made)
        if not inside:
            offered.update(made)
        inside = inside or isinstance(node, _INNER)
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                waiting += [(child, inside) for child in value if isinstance(child, ast.AST)]
            elif isinstance(value, ast.AST) and field not in _ANNOTATIONS:
                waiting.append((value, inside))
    order = sorted(used, key=lambda name: used[name])
    return Names(frozenset(defined), frozenset(offered), tuple((name, used[name][0]) for name in order))


def _made(node: ast.AST) -> Iterator[str]:
    """The names that a node alone defines."""
    match node:
        case ast.Name(name):
            yield name
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name) | ast.arg(name):
            yield name
        case ast.alias(name, other):
            yield other or name.partition(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.Global(names):
            yield from names
