"""Grades every case under several seeds, on all cores."""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from autograder.audit.cases import Case
from autograder.garbage import look_seldom
from autograder.grade import Grade, QuestionResult, Verdict
from autograder.grading import Grader, Options
from autograder.lab import Lab, load_lab
from autograder.submission import Submission

NEIGHBOURS = {"wheat": 3, "chaff": 10}
"""How many cases of each function show that the other questions' scores stay."""
SEEDS_OF_MADE = 2
"""Under so many seeds a mutant or a variant of a wheat is graded: there are thousands of them."""
CPU_SECONDS = 3.0
"""So long may a mutant run: many a mutant of a loop never ends."""
FULL = (Verdict.PASSED, Verdict.UNGRADED, Verdict.NOT_RUN)


@dataclass(frozen=True)
class Run:
    """One seed's outcome of a case: its question's checks, and which other questions lost points by it.

    `others` is None where the other questions were not graded. `explaining` are all known mistakes that have
    the outcomes of this question.
    """

    seed: int
    question: QuestionResult
    others: tuple[str, ...] | None
    explaining: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the question got its full marks."""
        return self.question.verdict is Verdict.PASSED


@dataclass(frozen=True)
class Result:
    """A case and its runs, one a seed."""

    case: Case
    runs: tuple[Run, ...]

    @property
    def as_it_should(self) -> bool:
        """Right under every seed when right, wrong under every seed when wrong."""
        return all(run.passed == self.case.right for run in self.runs)


def run_cases(root: Path, cases: Sequence[Case], seeds: int, jobs: int) -> Iterator[Result]:
    """Grade each case of the lab under `root`, with `seeds` seeds, `jobs` at a time; results as they come."""
    watched = frozenset(case.id for case in with_neighbours(cases))
    with ProcessPoolExecutor(jobs, get_context("spawn"), look_seldom) as pool:
        waiting = [pool.submit(_run_batch, root, batch, seeds, watched) for batch in _batches(cases)]
        for done in as_completed(waiting):
            yield from done.result()


def with_neighbours(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases whose first run grades every question: a sample of each function's, but no mutants."""
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.function, case.kind), []).append(case)
    for (_, kind), group in groups.items():
        wanted = NEIGHBOURS.get(kind, 0)
        yield from group[:: -(-len(group) // wanted)] if wanted else ()


def _batches(cases: Sequence[Case], size: int = 8) -> Iterator[Sequence[Case]]:
    for start in range(0, len(cases), size):
        yield cases[start : start + size]


# ---- in a worker -----------------------------------------------------------------------------------


class Bench:
    """Graders on one zygote, by question and seed."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._stack = ExitStack()
        self._whole = self._stack.enter_context(Grader(lab, Options(training=False, device="cpu")))
        self._graders: dict[tuple[str, int, bool], Grader] = {}
        self._reference = lab.reference()

    def close(self) -> None:
        """End the zygote."""
        self._stack.close()

    def run(self, case: Case, seeds: int, *, neighbours: bool = False) -> Result:
        """Grade one case; with `neighbours` the first seed for all questions, to see what else it costs."""
        sources = {**self._reference, case.module: case.text}
        submission = Submission(case.slug, sources, digest=case.id)
        number = min(seeds, SEEDS_OF_MADE) if case.made_of else seeds
        runs = (self._run(case, submission, seed, neighbours and seed == 0) for seed in range(number))
        return Result(case, tuple(runs))

    def _run(self, case: Case, submission: Submission, seed: int, whole: bool) -> Run:
        grader = self._grader("" if whole else case.question, seed, case.kind == "mutant")
        grade, explaining = grader.examine(submission)
        others = _others(grade, case.question) if whole else None
        return Run(seed, grade.question(case.question), others, explaining.get(case.question, ()))

    def _grader(self, question: str, seed: int, briefly: bool) -> Grader:
        key = question, seed, briefly
        if key not in self._graders:
            only = frozenset({question}) if question else None
            made = self._whole.variant(only=only, seed=seed)
            if briefly:
                limits = self._lab.limits.model_copy(update={"cpu_seconds": CPU_SECONDS})
                made.lab = self._lab.model_copy(update={"limits": limits})
            self._graders[key] = made
        return self._graders[key]


def _others(grade: Grade, question: str) -> tuple[str, ...]:
    return tuple(q.id for q in grade.questions if q.id != question and q.verdict not in FULL)


_bench: list[Bench] = []


def _run_batch(root: Path, cases: Iterable[Case], seeds: int, watched: frozenset[str]) -> list[Result]:
    if not _bench:
        _bench.append(Bench(load_lab(root)))
        atexit.register(_bench[0].close)
    return [_bench[0].run(case, seeds, neighbours=case.id in watched) for case in cases]
