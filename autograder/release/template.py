"""Cuts any one template: a Python file, or a notebook as jupytext Markdown."""

from __future__ import annotations

from pathlib import Path

from autograder.errors import LabError
from autograder.lab import load_lab
from autograder.lab.facts import facts_of, filled
from autograder.lab.reading import UNRESOLVED, conflict, read_text
from autograder.release.cutter import CutterError, cut_module
from autograder.release.notebooks import cut_notebook, to_bytes


def cut_template(path: Path) -> dict[str, bytes]:
    """The question and the solution of a template, by path. CutterError names file and line."""
    text = read_template(path)
    if path.suffix == ".py":
        module = cut_module(text, str(path))
        return {
            f"question/{path.name}": module.question.encode(),
            f"solution/{path.name}": module.solution.encode(),
        }
    if path.suffix == ".md":
        notebooks = cut_notebook(_with_facts(text, path), str(path))
        return {
            f"question/{path.stem}.ipynb": to_bytes(notebooks.question),
            f"solution/{path.stem}.ipynb": to_bytes(notebooks.solution),
        }
    raise CutterError(f"{path}:1: a template is a .py file or jupytext Markdown (.md), not {path.suffix!r}")


def _with_facts(text: str, path: Path) -> str:
    """A notebook's text with the facts of its lab, where it is one's; any other text as it is."""
    try:
        lab = load_lab(path.resolve().parent.parent)
    except LabError:
        return text
    return filled(text, facts_of(lab), str(path)) if lab.template.resolve() == path.resolve() else text


def read_template(path: Path) -> str:
    """A template's text, whatever its line ends; a byte order mark is no part of it."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        told = "this file is missing; write it, or correct its name in assignment.toml"
        raise CutterError(f"{path}: {told}") from None
    except LabError as error:
        raise CutterError(str(error)) from None
    if line := conflict(text):
        raise CutterError(f"{path}:{line}: {'; '.join(UNRESOLVED)}")
    return text
