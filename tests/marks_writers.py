"""Writers of marks and grades that tests start as processes, kill, and start again.

    python marks_writers.py mark OUT WHO FIRST LAST       marks submissions FIRST..LAST, batch by batch
    python marks_writers.py grade OUT FIRST LAST ROUNDS   writes grades again and again, as a run does

`mark` prints the ids of a batch's marks when the gradebook says that they are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from made_up_grades import check, grade, question

from autograder.grade import Grade, Verdict
from autograder.gradebook import Gradebook, InUse, Wish

BATCH = 5
WRITTEN = ("q2_3", "q3_1")


def a_class(count: int) -> list[str]:
    return [f"s{n:03}" for n in range(count)]


def graded(name: str, run: int) -> Grade:
    """A submission's results in one run: the checks' differ from run to run, the answers do not."""
    passed = Verdict.PASSED if run % 2 else Verdict.WRONG
    rows = [question("q2_2", check("same", passed, 10))]
    rows += [
        question(name_, max_score=5, verdict=Verdict.UNGRADED, answer=f"{name} on {name_}")
        for name_ in WRITTEN
    ]
    return grade(*rows, submission=name, work=f"work of {name}", digest=f"{run:064}")


def wishes(who: str, names: list[str]) -> list[Wish]:
    """What a person gives: each submission's points and comment are its own."""
    question_id = WRITTEN[0] if who == "Eva" else WRITTEN[1]
    return [Wish(name, question_id, int(name[1:]) % 6, f"{who} on {name}") for name in names]


def mark(out: Path, who: str, first: int, last: int) -> None:
    names = a_class(last)[first:]
    book = Gradebook(out)
    for start in range(0, len(names), BATCH):
        kept, refused = book.mark(wishes(who, names[start : start + BATCH]), who, "test")
        if refused:
            raise SystemExit(f"refused: {refused}")
        print(*(mark.id for mark in kept), flush=True)
        book.settle()
    print("done", flush=True)


def run(out: Path, first: int, last: int, rounds: int) -> None:
    for number in range(rounds):
        try:
            with Gradebook(out) as book:
                names = a_class(last)[first:]
                rows = [(name, book.put(name, graded(name, number))) for name in names]
                book.table(rows, ["q2_2", *WRITTEN], last=True)
        except InUse:
            continue
    print("done", flush=True)


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    if what == "mark":
        mark(Path(folder), rest[0], int(rest[1]), int(rest[2]))
    else:
        run(Path(folder), *map(int, rest))
