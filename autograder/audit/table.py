"""The kill table: what the grader let through and what it caught, per question and per check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean

from pydantic import BaseModel, ConfigDict

from autograder.audit.cases import Case
from autograder.audit.running import Result
from autograder.checking.judge import DIRECT
from autograder.grade import Verdict
from autograder.lab import Lab

_DIRECT = frozenset(mistake.name for mistake in DIRECT)


class Row(BaseModel):
    """A line of a table: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QuestionRow(Row):
    """One question. `named` counts chaffs diagnosed rightly, `misnamed` cases diagnosed as something else."""

    question: str
    wheats: int
    wheats_passed: int
    chaffs: int
    chaffs_caught: int
    mutants: int
    mutants_killed: int
    equivalent: int
    named: int
    misnamed: int


class CheckRow(Row):
    """One check. `alone` counts the chaffs and mutants that no other check of its question catches."""

    question: str
    name: str
    hidden: bool
    caught: int
    alone: int
    seconds: float


class Failure(Row):
    """A case that came out wrong, and how."""

    case: str
    about: str
    problem: str


class Audit(Row):
    """All that one audit found. `pairs` counts the (wrong, other) questions that were graded together.

    `watched` are the questions whose wrong solutions should be named by a message.
    """

    seeds: int
    seconds: float
    pairs: int
    watched: tuple[str, ...]
    questions: tuple[QuestionRow, ...]
    checks: tuple[CheckRow, ...]
    unnamed: tuple[str, ...]
    failures: tuple[Failure, ...]

    def total(self, field: str) -> int:
        """The sum of a column of the questions' table."""
        return sum(int(getattr(row, field)) for row in self.questions)


def tabulate(results: Sequence[Result], lab: Lab, seeds: int, seconds: float) -> Audit:
    """The tables of some results."""
    by_question = {
        q.id: [result for result in results if result.case.question == q.id] for q in lab.auto_graded
    }
    found = {question: group for question, group in by_question.items() if group}
    return Audit(
        seeds=seeds,
        seconds=round(seconds, 1),
        pairs=_pairs(results, lab),
        watched=lab.audit.named,
        questions=tuple(_question(question, group) for question, group in found.items()),
        checks=tuple(row for question, group in found.items() for row in _checks(question, group)),
        unnamed=tuple(r.case.id for r in results if r.case.kind == "chaff" and not named_right(r)),
        failures=tuple(failure for group in found.values() for failure in _failures(group)),
    )


def _pairs(results: Iterable[Result], lab: Lab) -> int:
    graded = [question.id for question in lab.auto_graded if not question.training]
    wrong = {r.case.question for r in results if not r.case.right and r.runs[0].others is not None}
    return len(wrong) * (len(graded) - 1)


def _question(question: str, group: Sequence[Result]) -> QuestionRow:
    wheats, chaffs, mutants = (_of(group, kind) for kind in ("wheat", "chaff", "mutant"))
    living = [result for result in mutants if not result.case.equivalent]
    return QuestionRow(
        question=question,
        wheats=len(wheats),
        wheats_passed=_right(wheats),
        chaffs=len(chaffs),
        chaffs_caught=_right(chaffs),
        mutants=len(living),
        mutants_killed=_right(living),
        equivalent=len(mutants) - len(living),
        named=sum(named_right(result) for result in chaffs),
        misnamed=sum(bool(wrong_names(result)) for result in group),
    )


def _of(group: Iterable[Result], kind: str) -> list[Result]:
    return [result for result in group if result.case.kind == kind]


def _right(group: Iterable[Result]) -> int:
    return sum(result.as_it_should for result in group)


# ---- names of mistakes -----------------------------------------------------------------------------


def names(result: Result) -> set[str]:
    """Every known mistake that a message of some run named."""
    checks = (check for run in result.runs for check in run.question.checks)
    return {check.misconception for check in checks if check.misconception}


def named_right(result: Result) -> bool:
    """Whether a chaff was diagnosed rightly: by its own name, or one that the judgement itself proves."""
    found = names(result)
    return result.case.name in found if result.case.name else bool(found & _DIRECT)


def wrong_names(result: Result) -> set[str]:
    """The names that are not the case's own. What a judgement proves by itself cannot be wrong.

    Mutants have no name of their own: one that happens to be a known mistake is rightly diagnosed as that.
    """
    if result.case.kind == "mutant":
        return set()
    return names(result) - _DIRECT - {result.case.name}


# ---- checks ----------------------------------------------------------------------------------------


def _checks(question: str, group: Sequence[Result]) -> list[CheckRow]:
    wrong = [result for result in group if not result.case.right]
    catchers = [_catchers(result) for result in wrong]
    return [
        CheckRow(
            question=question,
            name=check.name,
            hidden=check.visibility != "visible",
            caught=sum(check.name in caught for caught in catchers),
            alone=sum(caught == {check.name} for caught in catchers),
            seconds=round(_seconds(group, check.name), 4),
        )
        for check in group[0].runs[0].question.checks
    ]


def _catchers(result: Result) -> set[str]:
    """The checks that caught a case under every seed."""
    runs = [{c.name for c in run.question.checks if c.verdict is not Verdict.PASSED} for run in result.runs]
    return set.intersection(*runs)


def _seconds(group: Iterable[Result], name: str) -> float:
    """The mean time of a check on right solutions."""
    times = [
        c.seconds
        for r in group
        if r.case.right
        for run in r.runs
        for c in run.question.checks
        if c.name == name
    ]
    return mean(times) if times else 0.0


# ---- failures --------------------------------------------------------------------------------------


def _failures(group: Iterable[Result]) -> Iterable[Failure]:
    for result in group:
        for problem in _problems(result.case, result):
            yield Failure(case=result.case.id, about=result.case.about, problem=problem)


def _problems(case: Case, result: Result) -> Iterable[str]:
    passed = [run.seed for run in result.runs if run.passed]
    if case.right and len(passed) < len(result.runs):
        lost = next(run for run in result.runs if not run.passed)
        why = next(c for c in lost.question.checks if c.verdict is not Verdict.PASSED)
        yield f"lost under seed {lost.seed}: {why.name}: {why.detail}"
    if not case.right and not case.equivalent and passed:
        yield f"accepted under seed {', '.join(map(str, passed))}"
    if case.equivalent and len(passed) < len(result.runs):
        yield "killed, although mutants.toml lists it as equivalent"
    if wrong := wrong_names(result):
        yield f"misdiagnosed as {', '.join(sorted(wrong))}"
    if others := {question for run in result.runs for question in run.others or ()}:
        yield f"cost points in {', '.join(sorted(others))} too"
