"""What takes an answer's place in code, so that the code around it still compiles."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@dataclass(frozen=True)
class Hole:
    """An answer's place: the lines from `begin` to `end`, counted from 0, the markers."""

    begin: int
    end: int
    indent: str

    def holds(self, line: int) -> bool:
        """Whether a line, counted from 1 as `ast` does, is in the answer."""
        return self.begin < line - 1 < self.end


@dataclass(frozen=True)
class Program:
    """Code with its answers in place, its lines where the template has them."""

    lines: list[str]
    tree: ast.Module

    def statements(self, hole: Hole) -> list[ast.stmt]:
        """The statements that begin in a hole, without those inside of others."""
        found: list[ast.stmt] = []
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.stmt))
        for node in sorted((node for node in nodes if hole.holds(node.lineno)), key=_start):
            if not found or node.lineno > (found[-1].end_lineno or 0):
                found.append(node)
        return found

    def function(self, hole: Hole) -> str | None:
        """The name of the innermost function around a hole."""
        around = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, _FUNCTIONS) and node.lineno <= hole.begin + 1 <= (node.end_lineno or 0)
        ]
        return max(around, key=lambda node: node.lineno).name if around else None

    def in_string(self, hole: Hole) -> bool:
        """Whether a hole is in the midst of a string's lines."""
        return any(
            node.lineno <= hole.begin and (node.end_lineno or 0) > hole.end + 1
            for node in ast.walk(self.tree)
            if isinstance(node, ast.JoinedStr)
            or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)))
        )

    def without(self, hole: Hole, filling: list[str]) -> list[str]:
        """The lines with a hole in them, or with what fills it."""
        return self.lines[: hole.begin] + filling + self.lines[hole.end + 1 :]


def _start(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def parse(lines: list[str]) -> Program | SyntaxError:
    """The program in `lines`; IPython's magics count as statements, a cell of `%%` as empty."""
    if next((line for line in lines if line.strip()), "").startswith("%%"):
        return Program(lines, ast.Module([], []))
    tree = _tree(lines)
    if isinstance(tree, SyntaxError):
        plain = [_without_magic(line) for line in lines]
        masked = _tree(plain) if plain != lines else tree
        if isinstance(masked, SyntaxError):
            return tree
        return Program(plain, masked)
    return Program(lines, tree)


def _tree(lines: list[str]) -> ast.Module | SyntaxError:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = "\n".join(lines)
            compile(source, "template", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            tree = compile(source, "template", "exec", _FLAGS, dont_inherit=True)
    except SyntaxError as error:
        return error
    except ValueError as error:  # a null byte
        return SyntaxError(str(error))
    assert isinstance(tree, ast.Module)
    return tree


def _without_magic(line: str) -> str:
    body = line.lstrip()
    magic = body.startswith(("%", "!")) or body.rstrip().endswith("?")
    return line[: len(line) - len(body)] + "pass" if magic else line


def fill(program: Program, hole: Hole, *, may_raise: bool) -> list[str] | None:
    """The lines that take an answer's place; None if nothing that is tried compiles.

    Statements in a function become a `raise`, and so do others where `may_raise` lets the code stop at them.
    Elsewhere nothing stands in for the answer, or `...` where nothing would not do: where a block needs a
    statement, or an expression its value.
    """
    statements = program.statements(hole)
    function = program.function(hole)
    indent = _indent(program, hole)
    if function is None and all(isinstance(node, _DEFINITIONS) for node in statements):
        may_raise = False
    if statements and (may_raise or function is not None):
        what = f"{function} is" if function else "This is"
        filling = [f'{indent}raise NotImplementedError("{what} not written yet")']
        return filling if not isinstance(parse(program.without(hole, filling)), SyntaxError) else None
    empty: list[str] = []
    for filling in (empty, [f"{indent}..."]):
        found = parse(program.without(hole, filling))
        if not isinstance(found, SyntaxError) and _empty_tuples(found) <= _empty_tuples(program):
            return filling
    return None


def _empty_tuples(program: Program) -> int:
    """How many `()` there are: one more means that a value in parentheses went missing."""
    return sum(isinstance(node, ast.Tuple) and not node.elts for node in ast.walk(program.tree))


def _indent(program: Program, hole: Hole) -> str:
    """The indentation of the answer's first line of code, or else the marker's."""
    for line in program.lines[hole.begin : hole.end]:
        code = line.lstrip()
        if code and not code.startswith("#"):
            return line[: len(line) - len(code)]
    return hole.indent
