"""Names that a module uses and never makes: a slip that only running the very line would show."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator

_EVERYWHERE = frozenset({*dir(builtins), "__file__", "__name__", "__doc__", "__class__"})


def defined(tree: ast.Module) -> frozenset[str]:
    """All names that a module defines, in whatever scope."""
    return frozenset(name for node in ast.walk(tree) for name in _made(node))


def offered(tree: ast.Module) -> frozenset[str]:
    """The names that others can import from a module."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        found.update(_made(node))
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return frozenset(found)


def undefined(tree: ast.Module, given: Collection[str] = ()) -> Iterator[tuple[str, int]]:
    """The names that nothing in a module defines, each with the first line that uses it.

    `given` are those that it finds there already. Scopes are not told apart, and annotations are left out,
    which need not be evaluated; of a module that imports `*` nothing can be said.
    """
    made = defined(tree)
    if "*" in made:
        return
    seen = {*made, *given, *_EVERYWHERE}
    for name in sorted(_used(tree), key=lambda node: (node.lineno, node.col_offset)):
        if name.id not in seen:
            seen.add(name.id)
            yield name.id, name.lineno


def _made(node: ast.AST) -> Iterator[str]:
    """The names that a node alone defines."""
    match node:
        case ast.Name(name, ast.Store() | ast.Del()):
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


def _used(node: ast.AST) -> Iterator[ast.Name]:
    """The names that code reads when it runs."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _used(child)
