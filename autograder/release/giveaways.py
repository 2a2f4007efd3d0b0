"""Runs the code in a student's folder as answers: no function or expression there may earn a point.

A line of an answer is found as text (`leaks`). What answers a question in other words is found by what it
does: each function, method and lambda that can take a question's arguments is put in the place of the
question's function, under any order of its arguments, and judged by the question's public checks. Where these
pass, it answers the question.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from autograder.checking.catalog import catalog
from autograder.checking.check import Check, function_of
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.lab import Lab
from autograder.modules import Modules
from autograder.release.leaks import Leak

_HELPER = "given_away"
MOST = 4
"""Arguments are tried in every order up to so many of them, else in their own."""


@dataclass(frozen=True)
class Candidate:
    """A function that students get: where, its text as one named `candidate`, how many arguments it takes."""

    place: str
    text: str
    least: int
    most: int

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments; 0 where the number is not known."""
        return self.least <= count <= self.most or (not count and self.most > 0)


def find_giveaways(
    lab: Lab, files: Mapping[str, bytes], signatures: Mapping[str, Sequence[str]]
) -> list[Leak]:
    """The functions in some files that answer a question; `signatures` are the questions' arguments."""
    checks = catalog(lab, hidden=False)
    candidates = list(_candidates(files))
    found = {}
    for question in lab.auto_graded:
        own = [check for check in checks if check.question == question.id]
        if question.training or not own:
            continue
        for name in question.functions:
            wanted = list(signatures.get(name, ()))
            for candidate in candidates:
                if not candidate.takes(len(wanted)):
                    continue
                modules = (
                    {_HELPER: candidate.text, question.module: t} for t in _answering(name, wanted, candidate)
                )
                if any(_answers(lab, own, each) for each in modules):
                    what = f"answers {question.id}, as {name}"
                    found[candidate.place, question.id] = Leak(candidate.place, what)
    return list(found.values())


def _candidates(files: Mapping[str, bytes]) -> Iterator[Candidate]:
    seen = set()
    for name, data in files.items():
        for place, text in _programs(name, data):
            for candidate in _functions(place, text):
                if candidate.text not in seen:
                    seen.add(candidate.text)
                    yield candidate


def _programs(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """The Python in a file: of a notebook, each of its cells."""
    if name.endswith(".py"):
        yield name, data.decode("utf-8", "replace")
    elif name.endswith(".ipynb"):
        cells = json.loads(data)["cells"]
        code = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        yield from ((f"{name}, cell {number}", text) for number, text in enumerate(code, 1))
    elif name.endswith(".md"):
        blocks = data.decode("utf-8", "replace").split("```")[1::2]
        yield from ((f"{name}, block {n}", text.partition("\n")[2]) for n, text in enumerate(blocks, 1))


def _functions(place: str, text: str) -> Iterator[Candidate]:
    """Every function, method and lambda of a text, with the text's imports and plain names above it."""
    try:
        tree = ast.parse("\n".join("pass" if line[:1] in "%!" else line for line in text.split("\n")))
    except SyntaxError:
        return
    kept = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom, *_DEFINITIONS))]
    above = [_plain(node) for node in kept if not _from_future(node)]
    for node in ast.walk(tree):
        for named in _named_elsewhere(node):
            alias = ast.Assign([ast.Name("candidate")], named, lineno=1)
            text = ast.unparse(ast.Module([*above, alias], []))
            yield Candidate(f"{place}, line {named.lineno}", text, 0, _ANY)
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            continue
        names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        method = bool(names) and names[0] in ("self", "cls")
        if method:
            names = names[1:]
        made = _named(node, method)
        if None in node.args.kw_defaults:  # an argument that has to be given by its name
            continue
        most = _ANY if node.args.vararg else len(names)
        least = len(names) - len(node.args.defaults)
        body = ast.unparse(ast.Module([*above, made], []))
        yield Candidate(f"{place}, line {node.lineno}", body, max(least, 0), most)


_ANY = 9


def _named_elsewhere(node: ast.AST) -> list[ast.Attribute]:
    """Functions of a library that are given another name, or stand in a table: `torch.add`."""
    values: list[ast.expr | None] = []
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Return)):
        values = [node.value]
    elif isinstance(node, ast.Dict):
        values = list(node.values)
    return [value for value in values if isinstance(value, ast.Attribute)]


_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def _plain(node: ast.stmt) -> ast.stmt:
    """A definition without its decorators, which may be of another file."""
    if not isinstance(node, ast.FunctionDef):
        return node
    return ast.FunctionDef(node.name, node.args, node.body, [], lineno=node.lineno)


def _from_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _named(node: ast.FunctionDef | ast.Lambda, method: bool) -> ast.stmt:
    """The function under the name `candidate`, without decorators and annotations, and without `self`."""
    if isinstance(node, ast.Lambda):
        return ast.Assign([ast.Name("candidate")], node, lineno=1)
    args = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg.arg) for arg in (*node.args.posonlyargs, *node.args.args)][1 if method else 0 :],
        vararg=ast.arg(node.args.vararg.arg) if node.args.vararg else None,
        kwonlyargs=[ast.arg(arg.arg) for arg in node.args.kwonlyargs],
        kw_defaults=node.args.kw_defaults,
        kwarg=ast.arg(node.args.kwarg.arg) if node.args.kwarg else None,
        defaults=node.args.defaults,
    )
    return ast.FunctionDef("candidate", args, node.body, [], lineno=1)


def _answering(name: str, wanted: Sequence[str], candidate: Candidate) -> Iterator[str]:
    """Modules whose function `name` is the candidate: called in each order, or itself what is returned.

    They import it: so its text, which may be long, is compiled once for all of them.
    """
    head = f"from {_HELPER} import candidate\n\n\ndef {name}({', '.join(wanted)}):\n    return "
    if candidate.least <= len(wanted) <= candidate.most:
        orders = permutations(wanted) if len(wanted) <= MOST else [tuple(wanted)]
        yield from (f"{head}candidate({', '.join(order)})\n" for order in orders)
    if not wanted:
        yield f"{head}candidate\n"


def _answers(lab: Lab, checks: Sequence[Check], modules: Mapping[str, str]) -> bool:
    """Whether modules pass all public checks of a question."""
    student = _Untold(modules, lab.probes)
    for check in checks:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                function_of(check)(student)
        except BaseException:  # wrong, or what a function does that was never meant to be called like this
            return False
    return True


class _Untold(LocalStudent):
    """A student whose failures nobody reads: to tell what a failure was takes longer than most calls do."""

    def _failure(self, modules: Modules, error: BaseException) -> StudentFailure:
        return StudentFailure("error", type(error).__name__)
