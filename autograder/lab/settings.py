"""Reads assignment/assignment.toml into validated models, and finds the lab's files."""

from __future__ import annotations

import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator


class LabError(Exception):
    """The assignment's own files are missing or wrong; the text names file and key."""


class Settings(BaseModel):
    """Part of assignment.toml: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Settings):
    """Limits of one question's worker: CPU and wall time in seconds, memory beyond torch's own in MiB."""

    cpu_seconds: float = Field(gt=0)
    wall_seconds: float = Field(gt=0)
    memory_mb: int = Field(gt=0)
    output_kb: int = Field(default=16, gt=0)


class Run(Settings):
    """How long to train on one data set, the test accuracy to reach, in [0, 1], and the limits of it all."""

    epochs: int = Field(gt=0)
    threshold: float = Field(gt=0, lt=1)
    limits: Limits


class TrainingSettings(Settings):
    """The training run of q1_7."""

    batch_size: int = Field(gt=0)
    average_decay: float = Field(gt=0, lt=1)
    attempts: int = Field(gt=0)
    sample: Run
    full: Run

    def run(self, full: bool) -> Run:
        """The run on all of MNIST, or on the bundled sample."""
        return self.full if full else self.sample


class Question(Settings):
    """One question: auto-graded (with a module and functions) or written.

    `by_hand`: calls that do the question's work (`F.conv2d`, autograd) are noted for the TA.
    """

    id: str = Field(pattern=r"^q\d+_\d+$")
    title: str
    points: float = Field(gt=0)
    written: bool = False
    training: bool = False
    module: str = ""
    functions: tuple[str, ...] = ()
    by_hand: bool = False
    limits: Limits | None = None

    @model_validator(mode="after")
    def _code_has_functions(self) -> Question:
        if self.written == bool(self.functions):
            raise ValueError(f"{self.id}: give `functions` or `written = true`, one of the two")
        return self


class Lab(Settings):
    """The whole of assignment.toml, and where the lab's files lie."""

    schema_: Literal[1] = Field(alias="schema")
    name: str
    title: str
    modules: tuple[str, ...]
    notebook: str
    hidden_visibility: Literal["visible", "after_due_date", "after_published", "hidden"]
    limits: Limits
    shortcuts_cost_points: bool = False
    training: TrainingSettings
    questions: tuple[Question, ...]
    root: Path = Path()

    @model_validator(mode="after")
    def _references_hold(self) -> Lab:
        ids = [question.id for question in self.questions]
        if len(set(ids)) != len(ids):
            raise ValueError("a question's id is there twice")
        for question in self.questions:
            if question.functions and question.module not in self.modules:
                raise ValueError(f"{question.id}: module {question.module!r} is not among `modules`")
        return self

    @cached_property
    def auto_graded(self) -> tuple[Question, ...]:
        """The questions that checks score."""
        return tuple(question for question in self.questions if not question.written)

    @property
    def max_score(self) -> float:
        """Points of the auto-graded questions."""
        return sum(question.points for question in self.auto_graded)

    @property
    def module_files(self) -> tuple[str, ...]:
        """File names of the modules that students hand in."""
        return tuple(f"{module}.py" for module in self.modules)

    def question(self, question_id: str) -> Question:
        """The question of that id. KeyError when there is none."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def limits_of(self, question: Question, full: bool = False) -> Limits:
        """A question's own limits, those of its training run (`full` data or sample), or the assignment's."""
        if question.training:
            return self.training.run(full).limits
        return question.limits or self.limits


def find_root() -> Path:
    """The folder that holds `assignment/`: CONVLAB_ROOT, or the one beside this package."""
    named = os.environ.get("CONVLAB_ROOT")
    root = Path(named) if named else Path(__file__).resolve().parent.parent
    if not (root / "assignment" / "assignment.toml").is_file():
        raise LabError(
            f"{root} holds no assignment/assignment.toml; set CONVLAB_ROOT to the folder that does"
        )
    return root


def load_lab(root: Path | None = None) -> Lab:
    """Read the assignment under `root`. AssignmentError names the file, the key and what is wrong."""
    root = root or find_root()
    path = root / "assignment" / "assignment.toml"
    try:
        with path.open("rb") as stream:
            return Lab.model_validate({**tomllib.load(stream), "root": root})
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise LabError(f"{path}: {error}") from None
    except ValidationError as error:
        lines = [f"{path}:"]
        lines += [f"  {'.'.join(map(str, e['loc'])) or '(whole file)'}: {e['msg']}" for e in error.errors()]
        raise LabError("\n".join(lines)) from None
