"""The contract as a table, read from the lab's contract.toml.

It pairs what a lab's docstrings say with what holds students to it:

    [scale_rows]
    explains = ["Args:", "Fine print:"]      # words that ask for nothing

    [[scale_rows.clauses]]
    words = ["`matrix` stays as it is"]
    checks = ["layouts"]                     # those that enforce it; of another question: "question/check"
    chaffs = ["in_place"]                    # wrong solutions that break it
    wheat = "row_by_row"                     # the right solution at its edge
    beside = []                              # checks of other clauses that these chaffs fail too
    why = ""                                 # why that is, or why chaffs lose less than the clause's points

A part is a function that a question asks for (its signature and docstring), or a module (its docstring, and
the texts below its variables), which only explains.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from autograder.lab import Lab
from autograder.lab.reading import read_table


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Clause(_Strict):
    """Something that a docstring asks for, in its own words."""

    words: tuple[str, ...] = Field(min_length=1)
    checks: tuple[str, ...] = ()
    chaffs: tuple[str, ...] = ()
    wheat: str = ""
    beside: tuple[str, ...] = ()
    why: str = ""

    @property
    def title(self) -> str:
        """Its words in one line."""
        return " … ".join(self.words)


class Part(_Strict):
    """A function or a module: its clauses, and the words that ask for nothing."""

    explains: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()


class Contract(_Strict):
    """The parts by the name of the function or the module."""

    parts: Mapping[str, Part]

    def of(self, function: str) -> tuple[Clause, ...]:
        """The clauses of a function; none where the contract does not have it."""
        return self.parts[function].clauses if function in self.parts else ()


_PARTS = TypeAdapter[Mapping[str, Part]](Mapping[str, Part])


def read_contract(lab: Lab) -> Contract | None:
    """The lab's contract; None where it has none. LabError when the file is not as it should be."""
    try:
        return Contract(parts=read_table(lab.contract, _PARTS))
    except FileNotFoundError:
        return None


def key(check: str, question: str) -> str:
    """`question/name` of a check that a clause of that question's function names."""
    return check if "/" in check else f"{question}/{check}"


# ---- what the sources say ------------------------------------------------------------------------------


def texts(lab: Lab) -> dict[str, str]:
    """What each part says, in one line: functions that are asked for, and modules.

    A function says its signature and its docstring, a module its docstring and the texts below variables.
    """
    found: dict[str, str] = {}
    for module, source in lab.reference().items():
        tree = ast.parse(source)
        found[module] = _line(" ".join(_loose(tree)))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and lab.question_of(node.name):
                returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
                signature = f"{node.name}({ast.unparse(node.args)}){returns}"
                found[node.name] = _line(f"{signature} {ast.get_docstring(node) or ''}")
    return found


def _loose(tree: ast.Module) -> Iterator[str]:
    """The texts that stand by themselves in a module."""
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def _line(text: str) -> str:
    return " ".join(text.split())


def unquoted(text: str, quotes: Iterator[str] | tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The pieces of a text that no quote covers, and the quotes that it does not hold.

    Only letters and numbers count: a full stop between two quotes is no piece.
    """
    covered = bytearray(len(text))
    missing = []
    for quote in map(_line, quotes):
        begin = text.find(quote) if quote else -1
        if begin < 0:
            missing.append(quote)
        while begin >= 0:
            covered[begin : begin + len(quote)] = b"\1" * len(quote)
            begin = text.find(quote, begin + 1)
    marked = "".join("\0" if there else letter for letter, there in zip(text, covered, strict=True))
    pieces = (piece.strip() for piece in marked.split("\0"))
    return [piece for piece in pieces if any(letter.isalnum() for letter in piece)], missing
