"""The grade of one submission: a validated model with a published JSON schema (grade.schema.json)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from autograder.errors import GRADER

SCHEMA: Literal["convlab.grade/1"] = "convlab.grade/1"


class Verdict(StrEnum):
    """What happened to a check or question, from best to worst. *graded* is a written answer with points."""

    PASSED = "passed"
    GRADED = "graded"
    UNGRADED = "ungraded"
    NOT_RUN = "not run"
    NOT_IMPLEMENTED = "not implemented"
    WRONG = "wrong"
    ERROR = "error"
    MEMORY = "memory"
    TIMEOUT = "timeout"
    CRASHED = "crashed"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; *not run* when there are none."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.NOT_RUN)


Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
"""When a student may see a check, in Gradescope's words."""


class Record(BaseModel):
    """A result: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


def _nan(value: object) -> object:
    """One and the same NaN for all that is not finite, so that a grade equals itself read again."""
    not_finite = isinstance(value, float) and not math.isfinite(value)
    return math.nan if value is None or not_finite else value


Reported = Annotated[
    float, BeforeValidator(_nan), WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "null"}]})
]
"""A number that student code returned. JSON has none that is not finite, so there such a one is null."""


Rows = tuple[tuple[Reported, ...], ...]


class Comparison(Record):
    """What a public check expected and what it got, row by row, in the same shape."""

    expected: Rows
    got: Rows


class CheckResult(Record):
    """One check of one question. `message` may be shown to the student, `detail` only to staff.

    `misconception` is the name of the known mistake whose outcome this equals, "" where none does.
    `comparison` is there for public checks only, where small tensors differ.
    """

    name: str
    title: str
    verdict: Verdict
    score: float = Field(ge=0)
    max_score: float = Field(ge=0)
    visibility: Visibility
    message: str = ""
    detail: str = ""
    misconception: str = ""
    comparison: Comparison | None = None
    seconds: float = Field(default=0.0, ge=0)


class QuestionResult(Record):
    """One question: its checks and their sum.

    Written questions have no checks: they are *ungraded*, with score 0, until a person gave points and,
    perhaps, a `comment`; then they are *graded*.

    `output` is what the student's code printed during the public checks; what it prints during hidden
    ones is not kept, for it could echo their inputs. `shortcuts` are calls that do the question's work, where
    it was to be done by hand: for the TA, not scored unless assignment.toml says so. `digest` is of all that
    the result rests on: what was handed in, checks, reference, seed, data and device; "" where the question
    did not run.
    """

    id: str
    title: str
    score: float = Field(ge=0)
    max_score: float = Field(ge=0)
    verdict: Verdict
    checks: tuple[CheckResult, ...] = ()
    output: str = ""
    answer: str = ""
    shortcuts: tuple[str, ...] = ()
    comment: str = ""
    digest: str = ""

    @model_validator(mode="after")
    def _people_grade_within_bounds(self) -> QuestionResult:
        if self.verdict is Verdict.GRADED and self.checks:
            raise ValueError(f"{self.id}: it has checks, so no person graded it")
        if self.verdict is Verdict.GRADED and self.score > self.max_score:
            raise ValueError(f"{self.id}: {self.score} points of {self.max_score}")
        if self.verdict is Verdict.UNGRADED and (self.score or self.comment):
            raise ValueError(f"{self.id}: it is ungraded, but has points or a comment")
        return self

    @property
    def written(self) -> bool:
        """Whether people grade it."""
        return self.verdict in (Verdict.UNGRADED, Verdict.GRADED)

    def graded(self, points: float, comment: str = "") -> QuestionResult:
        """This written question with points from a person. ValueError when they don't fit."""
        if not self.written:
            raise ValueError(f"{self.id}: checks grade it, not people")
        changed = {"score": points, "comment": comment, "verdict": Verdict.GRADED}
        return QuestionResult.model_validate({**dict(self), **changed})


class Fault(str):
    """Why there is no grade, when that is no student's fault; `status` is the exit status it leads to."""

    status: int

    def __new__(cls, text: str, status: int = GRADER) -> Fault:
        """The reason, as a text."""
        fault = super().__new__(cls, text)
        fault.status = status
        return fault


class Training(Record):
    """The training run, if any. Losses and accuracies are per epoch; `accuracy` is on test images."""

    device: str
    seed: int
    data: str
    epochs: int
    batches: int
    attempts: int
    threshold: float
    losses: tuple[Reported, ...]
    accuracies: tuple[Reported, ...]
    accuracy: float
    averaged_accuracy: float


class Environment(Record):
    """Where and how a grade was made. `isolation` names the layers in force, `missing` the others and why."""

    device: str
    isolation: tuple[str, ...]
    missing: dict[str, str] = {}
    versions: dict[str, str]
    seed: int


class Student(Record):
    """Who handed in, as the platform's export or the roster has it. "" is not known.

    `platform_id` is the id that the download of `platform` (gradescope, canvas, moodle) has for them; `id` is
    the same unless a roster names another. `members` are those of a group that handed in together.
    """

    id: str = ""
    name: str = ""
    late: bool = False
    platform: str = ""
    platform_id: str = ""
    members: tuple[Student, ...] = ()


class LabVersion(Record):
    """The state of the lab that a grade is of: version and date as the instructor set them; "" is none."""

    version: str = ""
    date: str = ""


class Grade(Record):
    """The grade of one submission. Sums are over the auto-graded questions and those that people graded.

    `work` is a digest of what was handed in, `digest` one of that and of every question's own.
    `release` is the lab's version; grades of before there were any have none.
    `environment` is that of the latest run; questions of an earlier one keep their own digests.
    """

    schema_: Literal["convlab.grade/1"] = Field(default=SCHEMA, alias="schema")
    assignment: str
    submission: str
    release: LabVersion | None = None
    student: Student | None = None
    score: float = Field(ge=0)
    max_score: float = Field(ge=0)
    questions: tuple[QuestionResult, ...]
    environment: Environment
    training: Training | None = None
    notes: tuple[str, ...] = ()
    seconds: float = Field(default=0.0, ge=0)
    work: str = ""
    digest: str

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _sums_agree(self) -> Grade:
        graded = [q for q in self.questions if q.verdict is not Verdict.UNGRADED]
        for whole, parts in (
            (self.score, total(q.score for q in graded)),
            (self.max_score, total(q.max_score for q in graded)),
        ):
            if abs(whole - parts) > 1e-5:
                raise ValueError(f"the questions add up to {parts}, not {whole}")
        return self

    def question(self, question_id: str) -> QuestionResult:
        """The result of one question. KeyError when there is none of that id."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def with_points(self, given: Mapping[str, tuple[float, str]]) -> Grade:
        """This grade with points and comments for written questions. ValueError when they don't fit."""
        questions = [
            question.graded(*given[question.id]) if question.id in given else question
            for question in self.questions
        ]
        counted = [question for question in questions if question.verdict is not Verdict.UNGRADED]
        changed = {
            "questions": questions,
            "score": total(question.score for question in counted),
            "max_score": total(question.max_score for question in counted),
        }
        return Grade.model_validate({**dict(self), **changed})

    def with_points_of(self, earlier: Grade) -> Grade:
        """This grade with the points that people gave to the same answers in an earlier one.

        These replace points that are here already: `earlier` is what was known last.
        """
        before = {question.id: question for question in earlier.questions}
        kept = {
            question.id: (old.score, old.comment)
            for question in self.questions
            if question.written
            and (old := before.get(question.id)) is not None
            and old.verdict is Verdict.GRADED
            and (old.answer, old.max_score) == (question.answer, question.max_score)
        }
        return self.with_points(kept)

    def to_json(self) -> str:
        """This grade as indented JSON text, ending in a newline."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


def total(points: Iterable[float]) -> float:
    """The sum of some points, without the rounding errors of hundredths."""
    return round(math.fsum(points), 6)


def digest_of(work: str, questions: Iterable[str]) -> str:
    """A grade's digest, from that of what was handed in and those of its questions in their order."""
    return hashlib.sha256("\0".join([work, *questions]).encode()).hexdigest()


def json_schema() -> str:
    """The published JSON schema of a grade, as text."""
    return json.dumps(Grade.model_json_schema(by_alias=True, mode="serialization"), indent=2) + "\n"
