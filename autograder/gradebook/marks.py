"""Marks: what people decided about submissions, as records that are never changed once they are kept.

A mark belongs to a *slot*: one question of one submission with one very answer and maximum, or one fact about
a whole submission. A later mark of the slot names those that it replaces. What nothing replaces is the slot's
*head*, and counts. After a merge of two databases a slot may have two heads: a conflict, until a person
gives a mark that replaces both; the latest counts meanwhile.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from autograder.grade import Grade, QuestionResult, Verdict
from autograder.text import one_line, points

Kind = Literal["points", "bonus", "late", "extension", "count", "withdrawn"]
"""What a mark decides. All but `points` are about a whole submission:

`points` of a question; `bonus` points; `late` days after the deadline; days of `extension`;
`count`: which of several hand-ins counts; `withdrawn`: this hand-in is in no table.
"""
QUESTIONS: Kind = "points"
MOVED = "moved"
"""`via` of marks that went with a hand-in to another name, and of the traces that they left behind."""
MAX_COMMENT = 20_000
MAX_WHO = 80
MARKER = "CONVLAB_MARKER"
"""The environment variable that names who marks."""
SPACE = uuid.UUID("5f3c3a55-4a5e-4c39-9c0e-6f0d6c1b7d11")
"""The name space of the ids that marks get which an earlier convlab kept in grade.json."""
Slot = tuple[Kind, str, str, str, float]


class Mark(BaseModel):
    """One decision of one person. `points` is None where it takes the earlier ones back.

    `answer` is a digest of the very answer that was marked, `most` the question's maximum then; both are
    empty for marks about a whole submission. `at` is the time in UTC. `undoes` is the mark that this one
    takes back, "" for any other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    kind: Kind
    submission: str = Field(min_length=1, max_length=400)
    question: str = Field(max_length=80)
    answer: str = Field(max_length=64)
    most: float = Field(ge=0, allow_inf_nan=False)
    points: float | None = Field(allow_inf_nan=False)
    items: tuple[str, ...] = Field(default=(), max_length=200)
    comment: str = Field(default="", max_length=MAX_COMMENT)
    who: str = Field(default="", max_length=MAX_WHO)
    at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00$")
    via: str = Field(default="", max_length=40)
    replaces: tuple[str, ...] = ()
    undoes: str = Field(default="", pattern=r"^([0-9a-f]{32})?$")

    @property
    def slot(self) -> Slot:
        """What this mark decides; marks of one slot replace each other."""
        return self.kind, self.submission, self.question, self.answer, self.most

    @property
    def content(self) -> tuple[float | None, tuple[str, ...], str]:
        """What was decided."""
        return self.points, self.items, self.comment

    @property
    def told(self) -> str:
        """The mark in one line: who gave how much for what, and when."""
        return f"{one_line(self.submission)} {self.decided}"

    @property
    def decided(self) -> str:
        """The same without whose it is, for who marks without names."""
        what = {QUESTIONS: self.question, "count": "counts"}.get(self.kind, self.kind)
        if self.went_to:
            what += f" moved to {one_line(self.went_to)}"
        elif self.points is None:
            what += " taken back"
        elif self.kind not in ("count", "withdrawn"):
            what += f" {points(self.points)}"
        remark = f": {one_line(self.comment)}" if self.comment else ""
        return f"{what} by {self.who or 'unknown'} on {self.at[:16]}{remark}"

    @property
    def went_to(self) -> str:
        """Where the marks went of which this is the trace; "" of any other mark."""
        return self.items[0] if self.via == MOVED and self.points is None and self.items else ""


@dataclass(frozen=True)
class Wish:
    """A mark that someone wants to give.

    Args:
        submission: whose.
        question: the question's id; "" for what is about a whole submission.
        points: what it decides; None takes the earlier marks of the slot back.
        comment: what the student reads.
        items: ids of the rubric's items that were ticked.
        answer: the digest of the answer that the person saw; None for the one that is there now.
        kind: what is decided.
        seen: the ids of the heads that the person saw, which this mark may replace; None for any.
        undoes: the mark that this one takes back.
        most: the question's maximum that the person saw; None for the one that is there now.
    """

    submission: str
    question: str = ""
    points: float | None = None
    comment: str = ""
    items: tuple[str, ...] = ()
    answer: str | None = None
    kind: Kind = QUESTIONS
    seen: frozenset[str] | None = None
    undoes: str = ""
    most: float | None = None


@dataclass(frozen=True)
class Refused:
    """Why a mark was not kept; `stands` are the marks in its way.

    It is `stale` where the giver decided on something that is no longer so.
    """

    wish: Wish
    why: str
    stands: tuple[Mark, ...] = ()
    stale: bool = False


@dataclass(frozen=True)
class Ledger:
    """Some marks, in the order in which this database got them."""

    marks: Sequence[Mark]

    @cached_property
    def by_id(self) -> Mapping[str, Mark]:
        """Each mark by its id."""
        return {mark.id: mark for mark in self.marks}

    @cached_property
    def _heads(self) -> Mapping[Slot, list[Mark]]:
        replaced = {id for mark in self.marks for id in mark.replaces}
        found: dict[Slot, list[Mark]] = {}
        for mark in self.marks:
            if mark.id not in replaced:
                found.setdefault(mark.slot, []).append(mark)
        return {slot: sorted(heads, key=lambda mark: (mark.at, mark.id)) for slot, heads in found.items()}

    @cached_property
    def _questions(self) -> Mapping[tuple[str, str], list[Mark]]:
        found: dict[tuple[str, str], list[Mark]] = {}
        for mark in self.marks:
            if mark.kind == QUESTIONS:
                found.setdefault((mark.submission, mark.question), []).append(mark)
        return found

    def heads(self, slot: Slot) -> Sequence[Mark]:
        """The marks of a slot that nothing replaces, the one that counts last."""
        return self._heads.get(slot, ())

    def slots_of(self, name: str) -> list[Slot]:
        """The slots of a submission, or of a student, in which a mark counts."""
        return [slot for slot in self._heads if slot[1] == name and self.head(slot) is not None]

    def names(self) -> set[str]:
        """Every submission, or student, of whom a mark counts."""
        return {slot[1] for slot in self._heads if self.head(slot) is not None}

    def moved_to(self, name: str) -> str:
        """Where the latest marks of a name went; "" where none did."""
        return self._moved.get(name, "")

    @cached_property
    def _moved(self) -> Mapping[str, str]:
        return {mark.submission: mark.went_to for mark in self.marks if mark.went_to}

    def head(self, slot: Slot) -> Mark | None:
        """The mark of a slot that counts; None where there is none, or it was taken back."""
        heads = self.heads(slot)
        return heads[-1] if heads and heads[-1].points is not None else None

    def fact(self, kind: Kind, *targets: str) -> Mark | None:
        """What counts about a whole submission: the latest decision, under whichever of its names."""
        found = self.facts(kind, *targets)
        return max(found, key=lambda mark: (mark.at, mark.id), default=None)

    def facts(self, kind: Kind, *targets: str) -> list[Mark]:
        """What was decided last under each of the names of a submission."""
        heads = (self.head((kind, name, "", "", 0.0)) for name in targets if name)
        return [mark for mark in heads if mark is not None]

    def of(self, submission: str, question: str) -> Sequence[Mark]:
        """Every mark of a question, whichever answer it was given for."""
        return self._questions.get((submission, question), ())

    def restored(self, mark: Mark) -> Mark | None:
        """The mark that counts again through one that undoes another; any other mark is itself."""
        while mark.undoes:
            undone = self.by_id.get(mark.undoes)
            before = self.by_id.get(undone.replaces[-1]) if undone is not None and undone.replaces else None
            if before is None:
                return None
            mark = before
        return mark

    def again(self, slot: Slot) -> bool:
        """Whether an earlier answer to a question has a mark that counts, and this one has none."""
        return self.head(slot) is None and bool(self._elsewhere(slot))

    def _elsewhere(self, slot: Slot) -> list[Mark]:
        """The marks that count for other answers to a question, or for another maximum."""
        _, submission, question, *_ = slot
        others = {mark.slot for mark in self.of(submission, question)} - {slot}
        heads = (self.head(other) for other in others)
        return sorted((mark for mark in heads if mark is not None), key=lambda mark: (mark.at, mark.id))

    def why_again(self, slot: Slot, written: bool) -> str:
        """Why the mark of a question no longer counts; "" where it does, or there was none."""
        if not self.again(slot):
            return ""
        before = [mark for mark in self._elsewhere(slot) if mark.answer == slot[3]]
        if before:
            return f"its maximum is {points(slot[4])} now, not {points(before[-1].most)}"
        return "the answer changed" if written else "the code changed"

    def conflict(self, slot: Slot) -> Sequence[Mark]:
        """The marks of a slot where two people's differ and neither replaces the other; else none."""
        heads = self.heads(slot)
        return heads if len({mark.content for mark in heads}) > 1 else ()

    def conflicts(self) -> list[Sequence[Mark]]:
        """The conflict of every slot that has one."""
        return [heads for heads in map(self.conflict, self._heads) if heads]

    def latest(self, who: str, via: str | None = None) -> list[Mark]:
        """Someone's latest marks that are not undone, all given together; with `via`, only from there.

        Latest by their time: a merge brings earlier ones after later ones.
        """
        gone = {mark.undoes for mark in self.marks if mark.undoes}
        gone |= {id for mark in self.marks if mark.went_to for id in mark.replaces}
        mine = [
            mark
            for mark in self.marks
            if mark.who == who and via in (None, mark.via) and not mark.undoes and mark.id not in gone
        ]
        mine = [mark for mark in mine if mark.via != MOVED]  # no one decided anything then
        last = max((mark.at for mark in mine), default="")
        return [mark for mark in mine if mark.at == last]


def digest_of_answer(grade: Grade, question: QuestionResult) -> str:
    """A digest of the very work that a mark of this question is for: the answer, or all of the code."""
    return digest_of_text(question.answer) if question.written else grade.code or grade.work


def digest_of_text(answer: str) -> str:
    """A digest of a written answer. Pictures in it are named by their own digests."""
    return hashlib.sha256(answer.encode("utf-8", "replace")).hexdigest()


def slot_of(grade: Grade, question: QuestionResult) -> Slot:
    """Where a mark of this question belongs as it is now."""
    answer = digest_of_answer(grade, question)
    return QUESTIONS, grade.submission, question.id, answer, question.max_score


def old_marks(grade: Grade, at: str) -> list[Mark]:
    """The marks that an earlier convlab kept in the grade itself, with the same ids each time."""
    found = []
    for question in grade.questions:
        if question.written and question.verdict is Verdict.GRADED and question.marked is None:
            _, submission, name, answer, most = slot_of(grade, question)
            key = repr((submission, name, answer, most, question.score, question.comment))
            found.append(
                Mark(
                    id=uuid.uuid5(SPACE, key).hex,
                    kind="points",
                    submission=submission,
                    question=name,
                    answer=answer,
                    most=most,
                    points=question.score,
                    comment=question.comment[:MAX_COMMENT],
                    at=at,
                    via="grade.json",
                )
            )
    return found


def now() -> str:
    """The time, as marks have it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def marker(named: str | None = None) -> str:
    """Who marks: as named, or as CONVLAB_MARKER says, or the user of this machine."""
    name = named or os.environ.get(MARKER) or ""
    if not name.strip():
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):
            name = f"user {os.getuid()}"
    return one_line(name)[:MAX_WHO]


def new_id() -> str:
    """An id that no other mark has, in whatever database."""
    return uuid.uuid4().hex


def ids(marks: Iterable[Mark]) -> tuple[str, ...]:
    """The ids of some marks."""
    return tuple(mark.id for mark in marks)
