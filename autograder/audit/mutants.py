"""Mutants of right solutions: one small change each, made in the syntax tree of some definitions."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Container, Iterator

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
_NAMES = {"min": "max", "max": "min", "argmax": "argmin", "sum": "mean", "train": "eval", "ReLU": "Identity"}
_REMOVABLE = {"flip", "to", "detach", "clone", "sum", "square", "argmax"}
"""Methods whose call may simply be forgotten. Not `item`: a figure may well be a tensor of one element."""

Change = tuple[ast.AST, ast.AST]
"""A node, and what replaces it in the mutant."""


def mutants(source: str, function: str = "") -> dict[str, str]:
    """The text of each mutant of a module, by the lines changed (`before -> after`).

    Only one function is changed where it is named, else every function and class.
    """
    tree = ast.parse(source)
    targets = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    if function:
        targets = [n for n in targets if n.name == function]
    lines = ast.unparse(tree).splitlines()
    places = _places(tree)
    found: dict[str, str] = {}
    changes = [change for target in targets for change in _changes(target)]  # before the tree is touched
    for node, other in changes:
        text = _with(tree, places[id(node)], other)
        if text not in found.values() and text.splitlines() != lines:
            found[_unique(_change(lines, text.splitlines()), found)] = text
    return found


def _change(before: list[str], after: list[str]) -> str:
    """The lines that differ, in one line."""
    parts = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = [(before[i:j], after[k:m]) for kind, i, j, k, m in parts if kind != "equal"]
    old, new = (" ".join(line.strip() for pair in changed for line in pair[side]) for side in (0, 1))
    return f"{old or 'nothing'} -> {new or 'nothing'}"


def _unique(wanted: str, taken: Container[str]) -> str:
    slug, same = wanted, 1
    while slug in taken:
        same += 1
        slug = f"{wanted} #{same}"
    return slug


_Place = tuple[ast.AST, str, int | None]
"""Where a node hangs: its parent, the field, and the place in it where that is a list."""


def _places(tree: ast.Module) -> dict[int, _Place]:
    """The place of every node of a tree, by its id."""
    found: dict[int, _Place] = {}
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list):
                found |= {id(one): (parent, field, n) for n, one in enumerate(value)}
            elif isinstance(value, ast.AST):
                found[id(value)] = (parent, field, None)
    return found


def _with(tree: ast.Module, place: _Place, other: ast.AST) -> str:
    """The text of a tree with another node at a place; the tree is as before afterwards."""
    parent, field, number = place
    ast.fix_missing_locations(other)
    if number is None:
        before = getattr(parent, field)
        setattr(parent, field, other)
        text = ast.unparse(tree)
        setattr(parent, field, before)
    else:
        block = getattr(parent, field)
        before, block[number] = block[number], other
        text = ast.unparse(tree)
        block[number] = before
    return text


def _changes(target: ast.FunctionDef | ast.ClassDef) -> Iterator[Change]:
    for node in ast.walk(target):
        if isinstance(node, ast.FunctionDef):
            for default in node.args.defaults:
                yield from _of_node(default)
    for statement in _body(target):
        yield from _of_statement(statement)
        for node in _expressions(statement):
            yield from _of_node(node)


def _body(target: ast.stmt) -> Iterator[ast.stmt]:
    """Every statement in a definition, however deep, but no docstring and no definition."""
    for node in ast.walk(target):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_definition = isinstance(node, (ast.FunctionDef, ast.ClassDef))
        if isinstance(node, ast.stmt) and not is_definition and not is_docstring:
            yield node


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of one statement, without those of statements in it and without annotations."""
    left_out = getattr(statement, "annotation", None)
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt) and child is not left_out:
            yield from ast.walk(child)


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    if isinstance(node, (ast.Expr, ast.AugAssign)):
        yield node, ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield node, ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)
        if isinstance(node.op, ast.Add):
            yield node, ast.AugAssign(target=node.target, op=ast.Sub(), value=node.value)
    if isinstance(node, ast.With):
        yield node, ast.If(test=ast.Constant(True), body=node.body, orelse=[])
    if isinstance(node, ast.For):
        yield node, ast.For(node.target, node.iter, [*node.body, ast.Break()], [], lineno=node.lineno)
    if isinstance(node, ast.Return) and node.value is not None:
        yield node, ast.Return(None)


def _of_node(node: ast.AST) -> Iterator[Change]:
    for kind, make in _MAKERS.items():
        if isinstance(node, kind):
            yield from ((node, other) for other in make(node))


def _operators(node: ast.BinOp) -> Iterator[ast.AST]:
    for kind in _OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, kind(), node.right)


def _comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    if isinstance(node.ops[0], ast.Eq):
        yield ast.Compare(node.left, [ast.NotEq()], node.comparators)


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
        return
    others = (node.value + 1, node.value - 1) if isinstance(node.value, int) else (node.value * 10, 0.0)
    yield from (ast.Constant(value) for value in others)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    function = node.func
    for n in range(len(node.keywords)):
        yield ast.Call(function, node.args, node.keywords[:n] + node.keywords[n + 1 :])
    symmetric = isinstance(function, ast.Name) and function.id in ("min", "max")
    if len(node.args) == 2 and not symmetric:
        yield ast.Call(function, node.args[::-1], node.keywords)
    if isinstance(function, ast.Attribute) and function.attr in _REMOVABLE:
        yield function.value


def _names(node: ast.Name) -> Iterator[ast.AST]:
    if node.id in _NAMES:
        yield ast.Name(_NAMES[node.id], node.ctx)


def _attributes(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr in _NAMES:
        yield ast.Attribute(node.value, _NAMES[node.attr], node.ctx)


def _lists(node: ast.List) -> Iterator[ast.AST]:
    for n in range(len(node.elts)):
        yield ast.List(node.elts[:n] + node.elts[n + 1 :], node.ctx)


def _slices(node: ast.Slice) -> Iterator[ast.AST]:
    if node.lower is not None:
        yield ast.Slice(None, node.upper, node.step)
    if node.upper is not None:
        yield ast.Slice(node.lower, None, node.step)


def _tuples(node: ast.Tuple) -> Iterator[ast.AST]:
    if len(node.elts) == 2 and isinstance(node.ctx, ast.Load):
        yield ast.Tuple(node.elts[::-1], node.ctx)


_MAKERS: dict[type[ast.AST], Callable[..., Iterator[ast.AST]]] = {
    ast.BinOp: _operators,
    ast.Compare: _comparisons,
    ast.Constant: _constants,
    ast.Call: _calls,
    ast.Name: _names,
    ast.Attribute: _attributes,
    ast.List: _lists,
    ast.Slice: _slices,
    ast.Tuple: _tuples,
}
