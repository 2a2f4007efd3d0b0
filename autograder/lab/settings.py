"""assignment.toml as validated models: each fact of a lab is there once."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from autograder.grade import Visibility


class Settings(BaseModel):
    """Part of assignment.toml: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Settings):
    """Limits of one question: CPU and wall time in seconds, memory beyond torch's own in MiB.

    CPU time and memory are those of one worker, wall time that of all workers of the question together.
    """

    cpu_seconds: float = Field(gt=0)
    wall_seconds: float = Field(gt=0)
    memory_mb: int = Field(gt=0)
    output_kb: int = Field(default=16, gt=0)


class TrainingRun(Settings):
    """How long to train on one data set, the test accuracy to reach, in [0, 1], and the limits of it all."""

    epochs: int = Field(gt=0)
    threshold: float = Field(gt=0, lt=1)
    limits: Limits


class TrainingSettings(Settings):
    """The training run, for a lab that has one."""

    batch_size: int = Field(gt=0)
    average_decay: float = Field(gt=0, lt=1)
    attempts: int = Field(gt=0)
    sample: TrainingRun
    full: TrainingRun

    def run(self, full: bool) -> TrainingRun:
        """The run on the full data set, or on the bundled sample."""
        return self.full if full else self.sample


class Question(Settings):
    """One question: auto-graded (with a module and functions) or written.

    `by_hand`: calls that do the question's work for the student are noted for the TA. `unchecked` names the
    kinds of checks (`public`, `hidden`) that the question does without on purpose.
    """

    id: str = Field(pattern=r"^q\d+_\d+$")
    title: str
    points: float = Field(gt=0)
    written: bool = False
    training: bool = False
    module: str = ""
    functions: tuple[str, ...] = ()
    by_hand: bool = False
    unchecked: frozenset[Literal["public", "hidden"]] = frozenset()
    limits: Limits | None = None

    @model_validator(mode="after")
    def _code_has_functions(self) -> Question:
        if self.written == bool(self.functions):
            raise ValueError(f"{self.id}: give `functions` or `written = true`, one of the two")
        return self


class AuditSettings(Settings):
    """What the audit shows besides its counts.

    `named` are the questions whose wrong solutions should be named by a message; `typical` the wrong
    solutions (`function/slug`) whose messages docs/messages.md shows.
    """

    named: tuple[str, ...] = ()
    typical: tuple[str, ...] = ()


class LabSettings(Settings):
    """The whole of assignment.toml.

    `name` is also the name of the lab's package, `assignment/<name>/`. `handout` are the files of
    assignment/handout/ that students get, `data` the files below assignment/ that go beside them, `kept`
    those that the grader reads and no one gets. `platform_seconds` is how long the platform lets one
    submission run, `submission_seconds` how long all of its code may run, in all questions together.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    version: str = Field(default="1", pattern=r"^[\w.+-]{1,40}$")
    date: datetime.date | None = None
    modules: tuple[str, ...] = Field(min_length=1)
    notebook: str = Field(pattern=r"^[^/\\]+\.ipynb$")
    hidden_visibility: Visibility
    limits: Limits
    platform_seconds: float = Field(default=600, gt=0)
    submission_seconds: float = Field(default=300, gt=0)
    shortcuts_cost_points: bool = False
    handout: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    facts: dict[str, str | int | float] = {}
    training: TrainingSettings | None = None
    audit: AuditSettings = AuditSettings()
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _references_hold(self) -> LabSettings:
        ids = [question.id for question in self.questions]
        for twice in (name for name in ids if ids.count(name) > 1):
            raise ValueError(f"{twice}: this id occurs twice")
        for question in self.questions:
            if question.functions and question.module not in self.modules:
                raise ValueError(f"{question.id}: module {question.module!r} is not among `modules`")
            if question.training and self.training is None:
                raise ValueError(f"{question.id}: `training = true` needs a [training] table")
        return self

    @property
    def release(self) -> dict[str, str]:
        """Version and date of this state of the lab, as the instructor set them; no date is ""."""
        return {"version": self.version, "date": self.date.isoformat() if self.date else ""}

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

    def question_of(self, function: str) -> Question | None:
        """The question, other than one of training, that asks for a function; None when there is none."""
        for question in self.auto_graded:
            if function in question.functions and not question.training:
                return question
        return None

    def seconds_of_all(self, full: bool = False) -> float:
        """Wall time of all questions together; on `full` data, more by what the training may take longer."""
        if full and self.training is not None:
            longer = self.training.full.limits.wall_seconds - self.training.sample.limits.wall_seconds
            return self.submission_seconds + max(0.0, longer)
        return self.submission_seconds

    def limits_of(self, question: Question, full: bool = False) -> Limits:
        """A question's own limits, those of its training run (`full` data or sample), or the assignment's."""
        if question.training and self.training is not None:
            return self.training.run(full).limits
        return question.limits or self.limits
