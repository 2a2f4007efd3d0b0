"""What a question gets in place of functions that earlier questions ask for: one mistake costs one question.

The lab's module `stand_ins` has a right version of each such function. It is read here, as text, and never
imported where student code runs: there, a function that stands in for an answer is an answer. So a question
gets those of the questions before it alone, and only the texts of these reach its worker.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.lab import Lab, LabError, Question
from autograder.lab.reading import read_text
from autograder.modules import Given

NAME = "stand_ins"


def stand_ins(lab: Lab) -> Given:
    """For each function that is asked for, the stand-ins by module and function. LabError: broken ones."""
    texts = _texts(lab.package / f"{NAME}.py")
    _check(lab, texts)
    return {
        function: _before(lab, question, texts)
        for question in reversed(lab.auto_graded)
        if not question.training
        for function in question.functions
    }


@dataclass(frozen=True)
class Answer:
    """A question's stand-ins as an answer to it: its module with them in it, and where they are."""

    question: Question
    text: str
    place: str


def as_answers(lab: Lab) -> Iterator[Answer]:
    """What stands in for each question's functions, in its reference's place, so that checks can judge it."""
    path = lab.package / f"{NAME}.py"
    texts, lines = _texts(path), _lines(path)
    for question in lab.auto_graded:
        names = [name for name in question.functions if name in texts and not question.training]
        if names:
            text = _joined(lab.reference()[question.module], *(texts[name] for name in names))
            yield Answer(question, text, f"{path}:{lines[names[0]]}")


def _joined(*texts: str) -> str:
    """Some modules one after another as one; what they have from `__future__` comes first."""
    body = [node for text in texts for node in ast.parse(text).body]
    future = [node for node in body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    return ast.unparse(ast.Module([*future, *(node for node in body if node not in future)], []))


def stand_ins_of(found: Given, question: Question) -> Given:
    """What a question's worker is sent of these: nothing for a training question, which uses its own code."""
    if question.training:
        return {}
    return {function: found[function] for function in question.functions if found[function]}


def _before(lab: Lab, question: Question, texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for earlier in lab.auto_graded[: lab.auto_graded.index(question)]:
        for name in earlier.functions:
            if name in texts and name not in question.functions:
                found.setdefault(earlier.module, {})[name] = texts[name]
    return found


def _check(lab: Lab, texts: Mapping[str, str]) -> None:
    for name in texts:
        if lab.question_of(name) is None:
            place = f"{lab.package / NAME}.py"
            raise LabError(f"{place}: no question asks for {name}; correct its name, or remove it")


def _texts(path: Path) -> dict[str, str]:
    """Each function of the file with the file's imports above it. A file that is not there has none."""
    return _functions(path, read_text(path)) if path.is_file() else {}


def _lines(path: Path) -> dict[str, int]:
    """The line of each function of the file."""
    tree = ast.parse(read_text(path)) if path.is_file() else ast.Module([], [])
    return {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}


@lru_cache(maxsize=8)
def _functions(path: Path, text: str) -> dict[str, str]:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise LabError(f"{path}:{error.lineno}: {error.msg}") from None
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {
        node.name: ast.unparse(ast.Module([*imports, node], []))
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
