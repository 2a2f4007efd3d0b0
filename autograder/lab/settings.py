"""assignment.toml as validated models: each fact of a lab is there once."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from autograder.grade import Visibility, total

_FACT = re.compile(r"<<(\w+)>>")
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number; a text in quotes is none, whatever it says."""


def _in_hundredths(points: float) -> float:
    """Points as they are; ValueError for a part of a hundredth, which no check could give."""
    if abs(points * 100 - round(points * 100)) > 1e-6:
        near = f"{math.floor(points * 100) / 100:g} or {math.ceil(points * 100) / 100:g}"
        raise ValueError(f"points are given in hundredths, and this is {points:g}; write {near}")
    return points


Points = Annotated[Number, Field(gt=0), AfterValidator(_in_hundredths)]
"""What something is worth."""
Count = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]


class Settings(BaseModel):
    """Part of assignment.toml: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


SHORTEST = 0.1
"""Seconds of CPU time: with less a worker may not even start."""


def _enough_to_start(seconds: float) -> float:
    """A limit of CPU time as it is; ValueError where it is up before student code runs."""
    if seconds < SHORTEST:
        told = f"{seconds:g} is too small, a worker would not start"
        raise ValueError(f"{told}; give {SHORTEST:g} or more, such as ten times what a right answer takes")
    return seconds


class Limits(Settings):
    """Limits of one question: CPU and wall time in seconds, memory beyond torch's own in MiB.

    CPU time and memory are those of one worker, wall time that of all workers of the question together: it is
    there for code that waits, and is never the shorter one. To start a worker takes CPU time, too.
    """

    cpu_seconds: Annotated[Number, Field(gt=0), AfterValidator(_enough_to_start)]
    wall_seconds: Number = Field(gt=0)
    memory_mb: Count = Field(gt=0)
    output_kb: Count = Field(default=16, gt=0)

    @model_validator(mode="after")
    def _wall_time_is_longer(self) -> Limits:
        if self.wall_seconds < self.cpu_seconds:
            less = f"`wall_seconds` is {self.wall_seconds:g}, less than `cpu_seconds`, {self.cpu_seconds:g}"
            raise ValueError(f"{less}: code could never use its CPU time; raise it to three times as much")
        return self


class TrainingRun(Settings):
    """How long to train on one data set, the test accuracy to reach, in [0, 1], and the limits of it all."""

    epochs: Count = Field(gt=0)
    threshold: Number = Field(gt=0, lt=1)
    limits: Limits


class TrainingSettings(Settings):
    """The training run, for a lab that has one."""

    batch_size: Count = Field(gt=0)
    average_decay: Number = Field(gt=0, lt=1)
    attempts: Count = Field(gt=0)
    sample: TrainingRun
    full: TrainingRun

    def run(self, full: bool) -> TrainingRun:
        """The run on the full data set, or on the bundled sample."""
        return self.full if full else self.sample


_OF_CODE = ("module", "training", "by_hand", "unchecked", "limits")
"""Keys of a question that say how code is graded."""


class Question(Settings):
    """One question: auto-graded (with a module and functions) or written.

    `by_hand` names the kinds of library calls, among those of the lab's module `by_hand`, that would do the
    question's work for the student; they are noted for the TA. `unchecked` names the kinds of checks
    (`public`, `hidden`) that the question does without on purpose.
    """

    id: str = Field(pattern=r"^q\d+_\d+$")
    title: str
    points: Points
    written: Flag = False
    training: Flag = False
    module: str = ""
    functions: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    unchecked: frozenset[Literal["public", "hidden"]] = frozenset()
    limits: Limits | None = None

    @model_validator(mode="after")
    def _code_has_functions(self) -> Question:
        if self.written == bool(self.functions):
            raise ValueError(f"{self.id}: give `functions` or `written = true`, one of the two")
        extra = [name for name in _OF_CODE if self.written and name in self.model_fields_set]
        if extra:
            names = " and ".join(f"`{name}`" for name in extra)
            raise ValueError(
                f"{self.id}: people grade a written question, so it has no {names}; take that out"
            )
        return self


def _with_time(due: object) -> object:
    """A deadline as it is written; ValueError for a day alone, which would be its first second."""
    if due is None or isinstance(due, datetime.datetime) or (isinstance(due, str) and ":" in due):
        return due
    try:
        day = datetime.date.fromisoformat(str(due))
    except ValueError:
        day = datetime.date(2026, 11, 20)
    raise ValueError(f"a deadline is a day and a time; add the time: {day}T23:59:00")


class LateRule(Settings):
    """What lateness costs: per cent of the points for each day begun after the free ones.

    No one keeps less than `floor` per cent for it. `due` is the deadline, for downloads that say when
    something was handed in; `zone`, such as Europe/Berlin, is that of times without one: of `due`, and of
    platforms that give local time.
    """

    due: Annotated[datetime.datetime | None, BeforeValidator(_with_time)] = None
    zone: str = ""
    free_days: Number = Field(default=0, ge=0)
    percent_per_day: Number = Field(gt=0, le=100)
    floor: Number = Field(default=0, ge=0, le=100)

    def kept(self, days: float, extension: float = 0.0) -> float:
        """The share of the points, in [0, 1], that is left after so many days."""
        begun = math.ceil(round(days - extension - self.free_days, 6))
        return max(self.floor, 100 - self.percent_per_day * max(0, begun)) / 100

    def days(self, submitted: str) -> float | None:
        """How many days after the deadline a time (ISO 8601) is, 0 at most at it; None where that is open."""
        if self.due is None or not submitted:
            return None
        try:
            when = datetime.datetime.fromisoformat(submitted)
        except ValueError:
            return None
        if when.tzinfo is None and not self.zone:
            return None
        return max(0.0, (self._zoned(when) - self._zoned(self.due)) / datetime.timedelta(days=1))

    def _zoned(self, when: datetime.datetime) -> datetime.datetime:
        """A time as UTC: two times of one zone are compared by what their clocks show, else."""
        local = when if when.tzinfo is not None else when.replace(tzinfo=ZoneInfo(self.zone))
        return local.astimezone(datetime.UTC)

    @model_validator(mode="after")
    def _due_has_a_zone(self) -> LateRule:
        if self.zone:
            try:
                ZoneInfo(self.zone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                told = f"zone {self.zone!r} is not known here; give one such as Europe/Berlin"
                raise ValueError(f"{told}, and where there are none, pip install tzdata") from None
        elif self.due is not None and self.due.tzinfo is None:
            raise ValueError("`due` needs an offset (2026-11-20T23:59:00+01:00), or `zone` beside it")
        return self


class AuditSettings(Settings):
    """What the audit shows besides its counts.

    `named` are the questions whose wrong solutions should be named by a message; `typical` the wrong
    solutions (`function/slug`) whose messages docs/messages.md shows.
    """

    named: tuple[str, ...] = ()
    typical: tuple[str, ...] = ()


def _named(name: Any, facts: Mapping[str, Any]) -> Any:
    """A file's name, or what the fact is that stands in its place; ValueError where there is no such fact."""
    fact = _FACT.fullmatch(name) if isinstance(name, str) else None
    if fact is None:
        return name
    if fact[1] not in facts:
        raise ValueError(
            f"data: {name!r}: [facts] has no {fact[1]!r}; write the file's name, or add the fact"
        )
    return facts[fact[1]]


class LabSettings(Settings):
    """The whole of assignment.toml.

    `name` is also the name of the lab's package, `assignment/<name>/`. `handout` are the files of
    assignment/handout/ that students get, `data` the files below assignment/ that go beside them (there,
    `<<fact>>` is the file that [facts] names), `kept` those that the grader reads and no one gets.
    `platform_seconds` is how long the platform lets one submission run, `submission_seconds` how long all of
    its code may run, in all questions together. `hand_ins` is which of several hand-ins of one student
    counts: each on its own, the best or the last.
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
    platform_seconds: Number = Field(default=600, gt=0)
    submission_seconds: Number = Field(default=300, gt=0)
    shortcuts_cost_points: Flag = False
    handout: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    facts: dict[str, str | int | float] = {}
    training: TrainingSettings | None = None
    audit: AuditSettings = AuditSettings()
    late: LateRule | None = None
    hand_ins: Literal["each", "best", "last"] = "each"
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _data_of_facts(cls, settings: Any) -> Any:
        """A file that [facts] names is named there alone: `<<it>>` in `data` is what `facts.it` says."""
        match settings:
            case {"data": list(names), "facts": dict(facts)}:
                return {**settings, "data": [_named(name, facts) for name in names]}
        return settings

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
        return total(question.points for question in self.auto_graded)

    @property
    def module_files(self) -> tuple[str, ...]:
        """File names of the modules that students hand in."""
        return tuple(f"{module}.py" for module in self.modules)

    @property
    def given(self) -> tuple[str, ...]:
        """The hand-out's Python files, which a module may import though nobody hands them in."""
        return tuple(name for name in self.handout if name.endswith(".py"))

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
