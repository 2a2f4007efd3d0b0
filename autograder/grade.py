"""The grade of one submission: a validated model with a published JSON schema (grade.schema.json)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
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


class Machine(Record):
    """What the checks came to, where a person's points replace it."""

    score: float = Field(ge=0)
    verdict: Verdict


class Marked(Record):
    """The mark that a question's points rest on: its id in marks.sqlite, who gave it, and when (UTC).

    `items` are the rubric items that were ticked. `machine` is there where a person overrode the checks.
    """

    id: str
    who: str = ""
    at: str = ""
    items: tuple[str, ...] = ()
    machine: Machine | None = None


class Adjustment(Record):
    """Points that people or a rule add to a whole submission, or take from it, and why."""

    kind: Literal["bonus", "late"]
    points: float = Field(allow_inf_nan=False)
    reason: str = ""
    who: str = ""
    at: str = ""


class QuestionResult(Record):
    """One question: its checks and their sum.

    Written questions have no checks: they are *ungraded*, with score 0, until a person gave points and,
    perhaps, a `comment`; then they are *graded*. So is a question of code whose checks a person overrode;
    `comment` is the reason then. `marked` is the mark behind it. `again`: people marked an earlier answer,
    and this one is to be marked again.

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
    marked: Marked | None = None
    again: bool = False
    digest: str = ""

    @model_validator(mode="after")
    def _people_grade_within_bounds(self) -> QuestionResult:
        if self.verdict is Verdict.GRADED and self.checks and not self.overridden:
            raise ValueError(f"{self.id}: it has checks, so no person graded it")
        if self.verdict is Verdict.GRADED and self.score > self.max_score:
            raise ValueError(f"{self.id}: {self.score} points of {self.max_score}")
        if self.verdict is Verdict.UNGRADED and (self.score or self.comment):
            raise ValueError(f"{self.id}: it is ungraded, but has points or a comment")
        return self

    @property
    def written(self) -> bool:
        """Whether people grade it."""
        return self.verdict in (Verdict.UNGRADED, Verdict.GRADED) and not self.overridden

    @property
    def overridden(self) -> bool:
        """Whether a person's points replace those of the checks."""
        return self.marked is not None and self.marked.machine is not None

    @property
    def checked(self) -> Machine | None:
        """What the checks came to, for the mark that replaces it; None for a written question."""
        return None if self.written else Machine(score=self.score, verdict=self.verdict)

    @property
    def machine(self) -> QuestionResult:
        """This question as the checks left it, without what people gave."""
        if not self.written and not self.overridden and not self.again:
            return self
        found = self.marked.machine if self.marked is not None else None
        if found is None and not self.written:
            return self.model_copy(update={"again": False})
        score, verdict = (found.score, found.verdict) if found else (0.0, Verdict.UNGRADED)
        changed = {"score": score, "verdict": verdict, "comment": "", "marked": None, "again": False}
        return self.model_copy(update=changed)

    def graded(self, points: float, comment: str = "", marked: Marked | None = None) -> QuestionResult:
        """This question with points from a person. ValueError when they don't fit.

        Without a mark that says what the checks came to, only a written question takes them.
        """
        if not self.written and (marked is None or marked.machine is None):
            raise ValueError(f"{self.id}: checks grade it, not people")
        changed = {"score": points, "comment": comment, "verdict": Verdict.GRADED, "marked": marked}
        return QuestionResult.model_validate({**dict(self), **changed, "again": False})


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

    `platform_id` is the id that the download of `platform` (gradescope, canvas, moodle, ...) has for them;
    `id` is the same unless a roster names another. `handed_in_as` is what it calls their file or folder,
    under which feedback goes back. `late_days` is how late, 0 where that is not known; `submitted` when, in
    ISO 8601. `members` are those of a group that handed in together.
    """

    id: str = ""
    name: str = ""
    late: bool = False
    platform: str = ""
    platform_id: str = ""
    handed_in_as: str = ""
    late_days: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    submitted: str = ""
    members: tuple[Student, ...] = ()


class LabVersion(Record):
    """The state of the lab that a grade is of: version and date as the instructor set them; "" is none."""

    version: str = ""
    date: str = ""


class Grade(Record):
    """The grade of one submission. Sums are over the auto-graded questions and those that people graded.

    `adjustments` are added to the score, which does not go below 0. `aside` is why this hand-in does not
    count: it was withdrawn, or another one of the same student counts; "" where it does.

    `work` is a digest of what was handed in, `digest` one of that and of every question's own. `code` is one
    of the modules alone, which points for a question of code go by; "" in grades of before there was any.
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
    adjustments: tuple[Adjustment, ...] = ()
    aside: str = ""
    environment: Environment
    training: Training | None = None
    notes: tuple[str, ...] = ()
    seconds: float = Field(default=0.0, ge=0)
    work: str = ""
    code: str = ""
    digest: str

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _sums_agree(self) -> Grade:
        for whole, parts in zip(
            (self.score, self.max_score), sums(self.questions, self.adjustments), strict=True
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

    @property
    def machine(self) -> Grade:
        """This grade without anything that people gave: what can be computed again."""
        questions = tuple(question.machine for question in self.questions)
        return self.with_results(questions).model_copy(update={"aside": ""})

    def with_results(
        self, questions: Sequence[QuestionResult], adjustments: Sequence[Adjustment] = ()
    ) -> Grade:
        """This grade with other results of its questions, and the sums that go with them."""
        score, most = sums(questions, adjustments)
        changed = {"questions": tuple(questions), "adjustments": tuple(adjustments)}
        return self.model_copy(update={**changed, "score": score, "max_score": most})

    def with_points(self, given: Mapping[str, tuple[float, str]]) -> Grade:
        """This grade with points and comments for written questions. ValueError when they don't fit."""
        return self.with_results(
            [
                question.graded(*given[question.id]) if question.id in given else question
                for question in self.questions
            ],
            self.adjustments,
        )

    def to_json(self) -> str:
        """This grade as indented JSON text, ending in a newline."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


def sums(questions: Sequence[QuestionResult], adjustments: Sequence[Adjustment] = ()) -> tuple[float, float]:
    """Score and maximum of some questions, those that are still ungraded left out, with adjustments."""
    counted = [question for question in questions if question.verdict is not Verdict.UNGRADED]
    score = total([*(q.score for q in counted), *(adjustment.points for adjustment in adjustments)])
    return max(0.0, score), total(question.max_score for question in counted)


def total(points: Iterable[float]) -> float:
    """The sum of some points, without the rounding errors of hundredths."""
    return round(math.fsum(points), 6)


def digest_of(work: str, questions: Iterable[str]) -> str:
    """A grade's digest, from that of what was handed in and those of its questions in their order."""
    return hashlib.sha256("\0".join([work, *questions]).encode()).hexdigest()


def json_schema() -> str:
    """The published JSON schema of a grade, as text."""
    return json.dumps(Grade.model_json_schema(by_alias=True, mode="serialization"), indent=2) + "\n"
