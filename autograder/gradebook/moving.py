"""Marks that go with a hand-in whose row is called otherwise now: nothing is changed, rows are added.

What counts under the old name is given again under the new one, by the same person at the same time. Under
the old name a trace takes it back: who moved it, when, why and where to. So the log tells the whole story,
and a database that is merged in later finds the way by the trace.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence

from autograder.grade import Grade
from autograder.gradebook.marks import (
    MAX_COMMENT,
    MOVED,
    SPACE,
    Kind,
    Ledger,
    Mark,
    Slot,
    ids,
    new_id,
    now,
    slot_of,
)
from autograder.text import cut


def moved(ledger: Ledger, old: str, new: str, who: str, why: str, kinds: Collection[Kind] = ()) -> list[Mark]:
    """The rows that move what counts of one name to another.

    Args:
        ledger: the marks that are there.
        old: the name, of a submission or a student, that has them.
        new: the name that gets them.
        who: who moves them.
        why: why that is the same hand-in, or person.
        kinds: only marks of these kinds, where any is named.
    """
    at, found = now(), list[Mark]()
    for slot in ledger.slots_of(old):
        if not kinds or slot[0] in kinds:
            target: Slot = (slot[0], new, *slot[2:])
            found += moved_slot(ledger, slot, target, who, why, at)
    return found


def moved_slot(ledger: Ledger, slot: Slot, target: Slot, who: str, why: str, at: str) -> Iterator[Mark]:
    """The rows that move one slot's heads; where the other has marks too, both count as a conflict does."""
    heads = [head for head in ledger.heads(slot) if head.points is not None]
    if not heads:
        return
    there = ledger.heads(target)
    over = ids(there) if all(mark.points is None for mark in there) else ()
    given = {mark.content for mark in there if mark.points is not None}
    for head in heads:
        if head.content not in given:
            yield _placed(head, target, over)
    yield Mark(
        id=new_id(),
        kind=slot[0],
        submission=slot[1],
        question=slot[2],
        answer=slot[3],
        most=slot[4],
        points=None,
        items=(target[1],),
        comment=cut(why, MAX_COMMENT),
        who=who,
        at=at,
        via=MOVED,
        replaces=ids(ledger.heads(slot)),
    )


def followed(ledger: Ledger, earlier: Grade, grade: Grade) -> list[Mark]:
    """The rows that keep marks of questions of code where a grade names its work in another way than before.

    Grades of an earlier convlab have no digest of the code alone, so marks were for the notebook too.
    """
    if earlier.code == grade.code or earlier.work != grade.work:
        return []
    before = {question.id: slot_of(earlier, question) for question in earlier.machine.questions}
    pairs = [(before.get(question.id), slot_of(grade, question)) for question in grade.machine.questions]
    at, why = now(), "the code is the same; the notebook is no part of it"
    return [
        row
        for old, new in pairs
        if old is not None and old[3] != new[3] and old[4] == new[4]
        for row in moved_slot(ledger, old, new, "", why, at)
    ]


def _placed(head: Mark, target: Slot, over: Sequence[str]) -> Mark:
    """A mark in another slot. Its id follows from both: two machines that move it make the same one."""
    kind, submission, question, answer, most = target
    where = {"kind": kind, "submission": submission, "question": question, "answer": answer, "most": most}
    made = uuid.uuid5(SPACE, repr((MOVED, head.id, target))).hex
    return head.model_copy(update={**where, "id": made, "via": MOVED, "replaces": tuple(over), "undoes": ""})


def led_on(ledger: Ledger, name: str) -> str:
    """Where the marks of a name went; the name itself where they stayed."""
    seen = {name}
    while (further := ledger.moved_to(name)) and further not in seen:
        seen.add(further)
        name = further
    return name
