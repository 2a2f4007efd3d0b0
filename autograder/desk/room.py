"""What the desk knows: every answer to a question, in an order of each marker's own, and the marks so far."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import median

from autograder.errors import UsageError
from autograder.grade import Grade, QuestionResult
from autograder.gradebook import (
    Gradebook,
    Ledger,
    Mark,
    Refused,
    Wish,
    deriving,
    digest_of_answer,
    presence,
    slot_of,
)
from autograder.gradebook.marks import Slot
from autograder.gradebook.names import GRADE
from autograder.lab import Lab
from autograder.lab.rubric import RubricItem, rubric_items, rubrics
from autograder.report.left import placeholders, unread

LOOK_SECONDS = 1.0
"""So often the folder is looked at for new grades and for marks that others gave."""
NEARLY = 0.85
"""Answers are nearly the same when they share so much of their runs of three words."""
PAUSE_SECONDS = 600.0
"""A longer time between two marks is a break, and no measure of how long one takes."""
OFTEN = 30
MAX_FOUND = 100


@dataclass(frozen=True)
class Entry:
    """One answer: whose, what the checks say about it, and how it is called where names are not shown."""

    name: str
    key: str
    grade: Grade
    question: QuestionResult
    slot: Slot

    @cached_property
    def digest(self) -> str:
        """The digest of the very answer."""
        return digest_of_answer(self.grade, self.question)


@dataclass(frozen=True)
class _Words:
    """What is compared of an answer: a digest of all its words and signs, and its runs of three words.

    An answer of signs only has no runs. A sign can be what the answer says, in `(a+b)*c` and `a+(b*c)`, and
    so can the order of the words: to be equal takes all of them. Only what ends a sentence or a part of one
    makes no difference.
    """

    all: bytes
    runs: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, answer: str) -> _Words:
        text = answer.casefold()
        words = _WORDS.findall(_ENDS.sub(" ", text))
        kept = [word for word in _WORDS.findall(text) if word not in ".,;:!?'\"`*_()"]
        runs = zip(kept, kept[1:], kept[2:], strict=False) if len(kept) > 2 else [tuple(kept)]
        whole = hashlib.sha256("\0".join(words).encode("utf-8", "replace"))
        return cls(whole.digest(), frozenset(runs) - {()})

    def nearly(self, other: _Words) -> bool:
        """Whether two answers share most of their runs."""
        fewer, more = sorted((len(self.runs), len(other.runs)))
        # Of so unlike lengths, whatever they share is too little; to count it would take long.
        if fewer == 0 or fewer < NEARLY * more:
            return False
        shared = len(self.runs & other.runs)
        return shared >= NEARLY * (fewer + more - shared)


_WORDS = re.compile(r"\w+|[^\w\s]")
_ENDS = re.compile(r"[.,;:?](?=\s|$)")


@dataclass(frozen=True)
class Progress:
    """How far one question is: answers, marked ones, and how long the rest may take (None: unknown)."""

    total: int
    marked: int
    again: int
    seconds: float | None

    @property
    def left(self) -> str:
        """The time that is left, in words; "" where it is not known."""
        if self.seconds is None or self.marked >= self.total:
            return ""
        minutes = self.seconds / 60
        return f"about {minutes:.0f} min left" if minutes >= 1 else "less than a minute left"


class Desk:
    """The answers and marks of one results folder, kept in memory and looked after as they change."""

    def __init__(self, folder: Path, lab: Lab, salt: str = "") -> None:
        self.folder = folder
        self.lab = lab
        self.book = Gradebook.existing(folder, lab)
        self.items: dict[str, tuple[RubricItem, ...]] = rubric_items(lab)
        self.rubrics = rubrics(lab)
        self._salt = salt
        self._blank = placeholders(lab)
        self._lock = threading.RLock()
        self._stamps: dict[str, tuple[int, int]] = {}
        self._entries: dict[str, dict[str, Entry]] = {}
        self._orders: dict[tuple[str, str], tuple[Entry, ...]] = {}  # since a mark or a grade last came
        self._marks: list[Mark] = []
        self._known: set[str] = set()
        self._number = 0
        self._looked = -LOOK_SECONDS
        self._words: dict[str, _Words] = {}
        self.ledger = Ledger(())
        self.unsettled = False
        self.book.settle()  # an earlier convlab's marks are taken over
        self.look(at_once=True)

    # ---- what is there -----------------------------------------------------------------------------

    def look(self, at_once: bool = False) -> None:
        """Take in new grades, and marks that came from elsewhere."""
        with self._lock:
            if not at_once and time.monotonic() - self._looked < LOOK_SECONDS:
                return
            self._looked = time.monotonic()
            self._look_at_grades()
            self._look_at_marks()

    def _look_at_grades(self) -> None:
        there: dict[str, tuple[int, int]] = {}
        for entry in self.folder.iterdir():
            if not entry.name.startswith("."):
                try:
                    stat = (entry / GRADE).stat()
                except OSError:
                    continue
                there[entry.name] = (stat.st_mtime_ns, stat.st_size)
        for name in [name for name in self._stamps if name not in there]:
            del self._stamps[name]
            for answers in self._entries.values():
                answers.pop(name, None)
            self._orders = {}
        for name, stamp in there.items():
            if self._stamps.get(name) != stamp:
                self._stamps[name] = stamp
                self._take(name)

    def _take(self, name: str) -> None:
        grade = self.book.machine(name)
        key = hashlib.sha256(f"{self._salt}/{name}".encode("utf-8", "replace")).hexdigest()[:12]
        for question in grade.questions if grade is not None else ():
            assert grade is not None
            entry = Entry(name, key, grade, question, slot_of(grade, question))
            self._entries.setdefault(question.id, {})[name] = entry
        self._orders = {}

    def _look_at_marks(self) -> None:
        more, self._number = self.book.marks_since(self._number)
        if more:
            self._marks = [*self._marks, *more]
            self.ledger = Ledger(self._marks)
            self._orders = {}

    def order(self, who: str, question: str) -> tuple[Entry, ...]:
        """The answers to a question, in an order that is each marker's own; without withdrawn hand-ins.

        A page asks for it several times: it is made anew where a mark or a grade has come since.
        """
        known = self._orders  # taken first: where something changes meanwhile, what is made goes with it
        if (who, question) not in known:
            found = [
                entry
                for entry in self._entries.get(question, {}).values()
                if self.ledger.fact("withdrawn", *deriving.names(entry.grade)) is None
            ]
            found.sort(key=lambda entry: _shuffled(who, question, entry.name))
            known[who, question] = tuple(found)
        return known[who, question]

    def find(self, question: str, key: str) -> Entry | None:
        """The answer that a page calls by its key."""
        answers = self._entries.get(question, {}).values()
        return next((entry for entry in answers if entry.key == key), None)

    def mark_of(self, entry: Entry) -> Mark | None:
        """The mark that counts for an answer."""
        return self.ledger.head(entry.slot)

    def earlier(self, entry: Entry) -> list[Mark]:
        """Marks that people gave for other answers of this submission, or before the one that counts."""
        now = self.mark_of(entry)
        return [mark for mark in self.ledger.of(entry.name, entry.question.id) if mark is not now]

    def conflict(self, entry: Entry) -> Sequence[Mark]:
        """Marks that two people gave, of which neither replaces the other."""
        return self.ledger.conflict(entry.slot)

    def open(self, entry: Entry) -> bool:
        """Whether an answer is to be marked: a written one without a mark, or a code question's again."""
        return self.mark_of(entry) is None and (entry.question.written or self.again(entry))

    def again(self, entry: Entry) -> bool:
        """Whether an earlier answer was marked, and this one is to be marked again."""
        return self.ledger.again(entry.slot)

    def why_again(self, entry: Entry) -> str:
        """Why the mark that was there no longer counts."""
        return self.ledger.why_again(entry.slot, entry.question.written)

    def unread(self, entry: Entry) -> str:
        """Why the answers could not be read, without names of files; "" where they could."""
        return unread(entry.grade) if entry.question.written and not entry.question.answer.strip() else ""

    def blank(self, entry: Entry) -> bool:
        """Whether there is no answer, or what students got is untouched."""
        text = entry.question.answer.strip()
        nothing = text in ("", self._blank.get(entry.question.id, ""))
        return entry.question.written and nothing and not self.unread(entry)

    def progress(self, who: str, question: str) -> Progress:
        """How far a question is."""
        answers = self.order(who, question)
        open_ones = sum(self.open(entry) for entry in answers)
        each = self._seconds_each(who, question)
        return Progress(
            len(answers),
            len(answers) - open_ones,
            sum(self.again(entry) for entry in answers),
            None if each is None else each * open_ones,
        )

    def _seconds_each(self, who: str, question: str) -> float | None:
        """How long one answer takes this marker, by the times of their marks."""
        last: dict[str, float] = {}
        for mark in self._marks:
            if mark.who == who and mark.question == question:
                last[mark.submission] = datetime.fromisoformat(mark.at).timestamp()
        times = sorted(last.values())
        steps = [after - before for before, after in pairwise(times)]
        working = [step for step in steps if step < PAUSE_SECONDS]
        return median(working) if len(working) >= 3 else None

    def comments(self, question: str) -> list[str]:
        """Comments that were given to this question, the most frequent first."""
        counts = Counter(
            mark.comment
            for mark in self._marks
            if mark.question == question and mark.comment and mark.points is not None
        )
        return [comment for comment, _ in counts.most_common(OFTEN)]

    def search(self, who: str, question: str, text: str, by_name: bool) -> list[Entry]:
        """Answers that hold a text, or whose comment does; by names too, where these are shown."""
        wanted = text.casefold().strip()
        found = []
        for entry in self.order(who, question):
            mark = self.mark_of(entry)
            parts = [entry.question.answer, mark.comment if mark is not None else "", entry.key]
            parts += [entry.name] if by_name else []
            if wanted and any(wanted in part.casefold() for part in parts):
                found.append(entry)
        return found[:MAX_FOUND]

    # ---- answers that are alike --------------------------------------------------------------------

    def alike(self, who: str, entry: Entry) -> tuple[list[Entry], list[Entry]]:
        """The other answers that are the same but for spaces, case and commas; those that nearly are."""
        if not entry.question.written or self.unread(entry):
            return [], []
        same, nearly = [], []
        own, blank = self._words_of(entry), self.blank(entry)
        for other in self.order(who, entry.question.id):
            if other.name == entry.name or self.unread(other):
                continue
            theirs = self._words_of(other)
            if own.all == theirs.all or (blank and self.blank(other)):
                same.append(other)
            elif not blank and own.nearly(theirs):
                nearly.append(other)
        return same, nearly

    def _words_of(self, entry: Entry) -> _Words:
        if entry.digest not in self._words:
            self._words[entry.digest] = _Words.of(entry.question.answer)
        return self._words[entry.digest]

    def warm_up(self) -> None:
        """Prepare comparing answers ahead of time, so that pages need not; in pauses between requests."""
        for question in self.lab.questions:
            if question.written:
                for entry in list(self._entries.get(question.id, {}).values()):
                    self._words_of(entry)
                    time.sleep(0)  # whoever waits for a page goes first

    # ---- marking -----------------------------------------------------------------------------------

    def give(
        self,
        who: str,
        entry: Entry,
        wish: Wish,
        together: bool = False,
    ) -> tuple[list[Mark], list[Refused]]:
        """Keep a mark, and, on request, the same one for answers that are alike.

        Of these it reaches those without a mark, and those whose mark was given together with the one that
        this answer has. They go with this answer: where its mark is refused, none is kept.
        """
        with self._lock:
            before = self.mark_of(entry)
            wishes = [wish]
            if together:
                same, nearly = self.alike(who, entry)
                wishes += [self._also(other, wish) for other in [*same, *nearly] if self._with(other, before)]
            kept, refused = self.book.mark(wishes, who, "desk", led=True)
            self.unsettled = self.unsettled or bool(kept)
            self._look_at_marks()
        return kept, refused

    def _with(self, other: Entry, before: Mark | None) -> bool:
        mark = self.mark_of(other)
        return mark is None or (before is not None and _together(mark, before))

    def _also(self, other: Entry, wish: Wish) -> Wish:
        seen = frozenset(mark.id for mark in self.ledger.heads(other.slot))
        return replace(wish, submission=other.name, answer=other.digest, seen=seen)

    def undo(self, who: str) -> tuple[list[Mark], str]:
        """Take back this marker's latest mark at the desk, and those given together with it.

        What they were, and why they could not be taken back, where that is so.
        """
        with self._lock:
            self._look_at_marks()
            last = self.ledger.latest(who, "desk")
            if not last:
                return [], "nothing to undo"
            _, refused = self.book.undo(last, who, "desk")
            self.unsettled = True
            self._look_at_marks()
        return last, refused[0].why if refused else ""

    def settle(self) -> None:
        """Bring the files up to date, if another process is not at it; it will see the marks then."""
        if self.unsettled:
            self.unsettled = False
            try:
                if self.book.settle().holder:
                    self.unsettled = True
            except UsageError:
                self.unsettled = True
                raise

    # ---- who else is here --------------------------------------------------------------------------

    def here(self, who: str, question: str, entry: Entry | None = None) -> None:
        """Note what a marker looks at."""
        presence.note(self.folder, who, question, entry.name if entry is not None else "")

    def others(self, who: str) -> list[presence.Present]:
        """The other markers who are at this results folder."""
        return [one for one in presence.present(self.folder) if one.who != who]


def _together(one: Mark, other: Mark) -> bool:
    """Whether two marks were given by one person in one step, for two answers."""
    return (one.who, one.at, one.content) == (other.who, other.at, other.content)


@lru_cache(maxsize=1 << 16)
def _shuffled(who: str, question: str, name: str) -> str:
    return hashlib.sha256(f"{who}\0{question}\0{name}".encode("utf-8", "replace")).hexdigest()


def taken(others: Collection[presence.Present], entry: Entry) -> list[str]:
    """Who else looks at this very answer."""
    return [one.who for one in others if (one.question, one.submission) == (entry.question.id, entry.name)]
