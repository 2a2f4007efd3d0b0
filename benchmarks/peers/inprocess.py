"""One of the lab's checks in the process that holds the student's code: how otter and nbgrader run tests."""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from pathlib import Path
from typing import Any

import torch

from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.checking.context import Context
from autograder.checking.diagnosis import Watched
from autograder.checking.student import LocalStudent
from autograder.lab import load_lab

torch.set_num_threads(1)


def run(question: str, name: str) -> None:
    """Judge the modules in this folder by one check. AssertionError or StudentFailure if they are wrong."""
    check = _checks()[question, name]
    function = getattr(importlib.import_module(check.module), check.function)
    wanted = inspect.signature(function).parameters
    function(**{name: value for name, value in _fixtures().items() if name in wanted})


@cache
def _checks() -> dict[tuple[str, str], Check]:
    return {(check.question, check.name): check for check in catalog(_context().lab)}


@cache
def _context() -> Context:
    return Context.default(load_lab())


def _student(folder: Path) -> LocalStudent:
    """The modules of a folder, with the probes of the lab."""
    lab = _context().lab
    sources = {path.stem: path.read_text("utf-8") for path in folder.glob("*.py") if path.stem in lab.modules}
    return LocalStudent(sources, lab.probes)


def _fixtures() -> dict[str, Any]:
    return {
        "student": Watched(_student(Path.cwd())),
        "reference": _context().reference,
        "rng": torch.Generator().manual_seed(0),
        "seed": 0,
        "context": _context(),
        "assignment": _context().lab,
    }
