"""Right variants of right solutions: rewritten in the syntax tree so that the meaning stays.

Each variant has several rewritings, drawn from a seed: locals renamed, `for` written as `while`, independent
statements exchanged, keyword for positional arguments, intermediate variables, comparisons and branches
turned round, factors exchanged.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from random import Random

_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    **{ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq},
    ast.NotEq: ast.NotEq,
}
_PURE = frozenset(("len", "range", "min", "max", "int", "float", "abs", "sum", "tuple"))
_REFLECTING = frozenset(("locals", "globals", "exec", "eval", "vars"))
MOST = 4
"""So many rewritings has a variant, at most."""

Rewriting = Callable[[ast.Module, Random], bool]
"""Changes a tree in place at a place that it draws; whether it found one."""


def variants(source: str, count: int) -> dict[str, str]:
    """Up to `count` variants of a module's text, by what was rewritten in each; always the same ones."""
    rng = Random(int.from_bytes(hashlib.sha256(source.encode()).digest()[:8], "big"))
    found: dict[str, str] = {}
    for number in range(count):
        made = ast.parse(source)
        names: list[str] = []
        for name in rng.sample(sorted(_REWRITINGS), len(_REWRITINGS)):
            if len(names) < MOST and _REWRITINGS[name](made, rng):
                names.append(name)
        text = ast.unparse(ast.fix_missing_locations(made))
        if names and text not in found.values():
            found[f"{number + 1}: {', '.join(names)}"] = text
    return found


# ---- names -----------------------------------------------------------------------------------------


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _renamed(tree: ast.Module, rng: Random) -> bool:
    """The locals of each function get other names."""
    done = False
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and not _names(function) & _REFLECTING:
            new = {name: f"{name}_{rng.randrange(10)}" for name in _locals(function)}
            for node in ast.walk(function):
                if isinstance(node, ast.Name) and node.id in new:
                    node.id, done = new[node.id], True
    return done


def _locals(function: ast.FunctionDef) -> list[str]:
    """The names that a function gives by assignment and that mean nothing else in it."""
    taken, given = set(), set()
    for node in ast.walk(function):
        match node:
            case ast.arg(arg=name) | ast.alias(asname=str(name)) | ast.alias(name=name, asname=None):
                taken.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                taken.add(name)
            case ast.Global(names) | ast.Nonlocal(names):
                taken.update(names)
            case ast.Name(id=name, ctx=ast.Store()):
                given.add(name)
    return sorted(given - taken)


def _fresh(tree: ast.Module, stem: str) -> str:
    taken = _names(tree)
    return next(name for number in range(10_000) if (name := f"{stem}_{number}") not in taken)


# ---- statements ------------------------------------------------------------------------------------


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Every list of statements inside functions."""
    for function in _functions(tree):
        for node in ast.walk(function):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                statements = isinstance(block, list) and block and isinstance(block[0], ast.stmt)
                if isinstance(block, list) and statements and not isinstance(node, ast.ClassDef):
                    yield block


def _places(tree: ast.Module, kind: type[ast.stmt]) -> list[tuple[list[ast.stmt], int]]:
    return [(b, n) for b in _blocks(tree) for n, one in enumerate(b) if isinstance(one, kind)]


def _as_while(tree: ast.Module, rng: Random) -> bool:
    """A `for` becomes a `while` that takes the next item at its beginning, so that `continue` still works."""
    places = [(b, n) for b, n in _places(tree, ast.For) if isinstance(b[n], ast.For) and not b[n].orelse]  # type: ignore[attr-defined]
    if not places:
        return False
    block, n = rng.choice(places)
    loop = block[n]
    assert isinstance(loop, ast.For)
    items, nothing, item = (_fresh(tree, stem) for stem in ("items", "nothing", "item"))
    head = ast.parse(f"{items} = iter(None)\n{nothing} = object()").body
    assert isinstance(head[0], ast.Assign)
    assert isinstance(head[0].value, ast.Call)
    head[0].value.args = [loop.iter]
    turn = ast.parse(f"while ({item} := next({items}, {nothing})) is not {nothing}:\n    pass").body[0]
    assert isinstance(turn, ast.While)
    take = ast.Assign(targets=[loop.target], value=ast.Name(item, ast.Load()))
    turn.body = [take, *loop.body]
    block[n : n + 1] = [*head, turn]
    return True


def _exchanged(tree: ast.Module, rng: Random) -> bool:
    """Two assignments of which neither needs the other change places."""
    places = [
        (block, n) for block in _blocks(tree) for n in range(len(block) - 1) if _free(block[n], block[n + 1])
    ]
    if not places:
        return False
    block, n = rng.choice(places)
    block[n], block[n + 1] = block[n + 1], block[n]
    return True


def _free(one: ast.stmt, two: ast.stmt) -> bool:
    sides = [_simple(one), _simple(two)]
    if None in sides:
        return False
    (given, read), (others_given, others_read) = sides  # type: ignore[misc]
    return not (given & (others_given | others_read) or others_given & read)


def _simple(statement: ast.stmt) -> tuple[set[str], set[str]] | None:
    """What an assignment gives and reads, where it does nothing else."""
    if not isinstance(statement, ast.Assign) or not all(map(_plain_target, statement.targets)):
        return None
    for node in ast.walk(statement.value):
        pure = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _PURE
        if isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)) and not pure:
            return None
    given = {name for target in statement.targets for name in _names(target)}
    return given, _names(statement.value)


def _plain_target(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Tuple) and all(map(_plain_target, node.elts)))


def _intermediate(tree: ast.Module, rng: Random) -> bool:
    """What is returned, or the first argument of an assigned call, gets a name first."""
    places = [(b, n) for kind in (ast.Return, ast.Assign) for b, n in _places(tree, kind) if _inner(b[n])]
    if not places:
        return False
    block, n = rng.choice(places)
    owner, name = _inner(block[n]), _fresh(tree, "value")
    assert owner is not None
    holder, field = owner
    value = getattr(holder, field)
    read = ast.Name(name, ast.Load())
    given = value[0] if isinstance(value, list) else value
    setattr(holder, field, [read, *value[1:]] if isinstance(value, list) else read)
    block.insert(n, ast.Assign(targets=[ast.Name(name, ast.Store())], value=given))
    return True


def _inner(statement: ast.stmt) -> tuple[ast.AST, str] | None:
    """The holder and field of what is evaluated first in a statement, if it may get a name."""
    if isinstance(statement, ast.Return) and statement.value is not None:
        return statement, "value"
    match statement:
        case ast.Assign(value=ast.Call(func=ast.Name(), args=[first, *_]) as call) if isinstance(
            first, ast.Call
        ):
            return call, "args"
    return None


def _turned_if(tree: ast.Module, rng: Random) -> bool:
    """An `if` with an `else` has its branches exchanged."""
    choices = [
        node
        for function in _functions(tree)
        for node in ast.walk(function)
        if isinstance(node, (ast.If, ast.IfExp)) and node.orelse
    ]
    if not choices:
        return False
    node = rng.choice(choices)
    node.test = ast.UnaryOp(ast.Not(), node.test)
    node.body, node.orelse = node.orelse, node.body
    return True


# ---- expressions -----------------------------------------------------------------------------------


def _keywords(tree: ast.Module, rng: Random) -> bool:
    """The arguments of a function of the module are passed by name."""
    known = {n.name: [a.arg for a in n.args.args] for n in tree.body if isinstance(n, ast.FunctionDef)}
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.args
        and len(node.args) <= len(known.get(node.func.id, ()))
        and not any(isinstance(a, ast.Starred) for a in node.args)
    ]
    for node in calls:
        assert isinstance(node.func, ast.Name)
        names = known[node.func.id]
        first = [ast.keyword(name, value) for name, value in zip(names, node.args, strict=False)]
        node.args, node.keywords = [], [*first, *node.keywords]
    return bool(calls)


def _turned_comparison(tree: ast.Module, rng: Random) -> bool:
    """`a < b` becomes `b > a`, where at most one side calls something."""
    choices = [
        node
        for function in _functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Compare)
        and len(node.ops) == 1
        and type(node.ops[0]) in _FLIPPED
        and not (_calls(node.left) and _calls(node.comparators[0]))
    ]
    for node in choices:
        node.ops = [_FLIPPED[type(node.ops[0])]()]
        node.left, node.comparators = node.comparators[0], [node.left]
    return bool(choices)


def _calls(node: ast.AST) -> bool:
    return any(isinstance(each, (ast.Call, ast.NamedExpr)) for each in ast.walk(node))


def _factors(tree: ast.Module, rng: Random) -> bool:
    """`a * b` becomes `b * a`, which is the same to the last bit, where at most one side calls something."""
    choices = [
        node
        for function in _functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mult)
        and not (_calls(node.left) and _calls(node.right))
    ]
    if not choices:
        return False
    node = rng.choice(choices)
    node.left, node.right = node.right, node.left
    return True


_REWRITINGS: dict[str, Rewriting] = {
    "locals renamed": _renamed,
    "for as while": _as_while,
    "statements exchanged": _exchanged,
    "intermediate variable": _intermediate,
    "branches exchanged": _turned_if,
    "arguments by name": _keywords,
    "comparisons turned": _turned_comparison,
    "factors exchanged": _factors,
}
