"""The kill table: what the grader let through and what it caught, per question and per check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import mean

from pydantic import BaseModel, ConfigDict

from autograder.audit.cases import Case
from autograder.audit.clauses import Broken, Fallen, Found, Loss, compared, failed, fallen, public
from autograder.audit.running import Result
from autograder.checking.check import HIDDEN
from autograder.checking.judge import DIRECT
from autograder.contract import Pitfall, pitfall_problems, problems, read_contract, read_pitfalls
from autograder.grade import Verdict
from autograder.lab import Lab, Question

_DIRECT = frozenset(mistake.name for mistake in DIRECT)

DOMAINS = "domains"
"""The lab's module, among its hidden checks, that has the inputs of functions as tables."""


class Row(BaseModel):
    """A line of a table: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QuestionRow(Row):
    """One question. `chaffs_public` counts chaffs that a public check catches.

    `mutants` are those of the reference, `made` those of wheats. `known` are the chaffs whose mistake is in
    the bank, `named` those of them that got its name, `misnamed` cases of any kind that got another one.
    `by_hand` are the wheats of a question to be answered by hand that do so, and `false_notes` those of them
    with a note about a library call; `library` are the others, `missed_notes` those that lack one.
    """

    question: str
    wheats: int
    wheats_passed: int
    chaffs: int
    chaffs_caught: int
    chaffs_public: int
    mutants: int
    mutants_killed: int
    equivalent: int
    made: int
    made_killed: int
    made_equivalent: int
    variants: int
    variants_passed: int
    named: int
    known: int
    misnamed: int
    by_hand: int
    false_notes: int
    library: int
    missed_notes: int


class CheckRow(Row):
    """One check. `alone` counts the chaffs and mutants that no other check of its question catches."""

    question: str
    name: str
    hidden: bool
    caught: int
    alone: int
    seconds: float


class WrongCase(Row):
    """A case that came out wrong, and how."""

    case: str
    about: str
    problem: str
    diff: str = ""


class InputsRow(Row):
    """The inputs of one function by design: pairs of levels that cases cover, and others."""

    function: str
    cases: int
    covered: int
    left_out: int


class Audit(Row):
    """All that one audit found. `pairs` counts the (wrong, other) questions that were graded together.

    `watched` are the questions whose wrong solutions should be named by a message. `clauses` and `losses` are
    about the lab's contract, where it has one.
    """

    seeds: int
    seconds: float
    pairs: int
    watched: tuple[str, ...]
    questions: tuple[QuestionRow, ...]
    checks: tuple[CheckRow, ...]
    inputs: tuple[InputsRow, ...]
    clauses: tuple[Broken, ...] = ()
    losses: tuple[Loss, ...] = ()
    pitfalls: tuple[Fallen, ...] = ()
    unnamed: tuple[str, ...]
    failures: tuple[WrongCase, ...]

    def total(self, field: str) -> int:
        """The sum of a column of the questions' table."""
        return sum(int(getattr(row, field)) for row in self.questions)


def tabulate(results: Sequence[Result], lab: Lab, seeds: int, seconds: float) -> Audit:
    """The tables of some results."""
    by_question = {
        q.id: [result for result in results if result.case.question == q.id] for q in lab.auto_graded
    }
    found = {question: group for question, group in by_question.items() if group}
    taught = read_pitfalls(lab)
    terms, pitfalls = _terms(results, lab, taught), fallen(results, taught)
    return Audit(
        seeds=seeds,
        seconds=round(seconds, 1),
        pairs=_pairs(results, lab),
        watched=lab.audit.named,
        questions=tuple(_question(lab.question(question), group) for question, group in found.items()),
        checks=tuple(row for question, group in found.items() for row in _checks(question, group)),
        inputs=tuple(_inputs(lab)),
        unnamed=tuple(r.case.id for r in results if r.case.kind == "chaff" and not named_right(r)),
        clauses=terms.clauses,
        losses=terms.losses,
        pitfalls=tuple(pitfalls),
        failures=(
            *(
                failure
                for question, group in found.items()
                for failure in _failures(group, lab.question(question).by_hand)
            ),
            *(WrongCase(case=case, about=about, problem=told) for case, about, told in terms.problems),
            *_let_through(pitfalls),
        ),
    )


def _terms(results: Sequence[Result], lab: Lab, taught: tuple[Pitfall, ...]) -> Found:
    """What the results say of the lab's contract, and what is wrong with it, or with the list of pitfalls."""
    contract = read_contract(lab)
    found = compared(results, lab, contract) if contract else Found(clauses=(), losses=(), problems=())
    told = [("contract", line) for line in (problems(lab, contract) if contract else ())]
    told += [("pitfalls", line) for line in pitfall_problems(lab, taught)]
    lines = tuple((case, *line.split(": ", 1)) for case, line in told)
    return found.model_copy(update={"problems": (*lines, *found.problems)})


def _let_through(pitfalls: Iterable[Fallen]) -> Iterator[WrongCase]:
    for pitfall in pitfalls:
        for chaff in pitfall.missed:
            told = "falls into a pitfall that the lab teaches, and no public check catches it"
            yield WrongCase(case=f"chaff {chaff}", about=pitfall.taught, problem=told)


def _inputs(lab: Lab) -> Iterator[InputsRow]:
    """What the lab's table of inputs comes to, where it has one."""
    if (lab.package / HIDDEN / f"{DOMAINS}.py").is_file():
        for domain in lab.module(f"{HIDDEN}.{DOMAINS}").DOMAINS:
            sizes = len(domain.rows), len(domain.pairs), len(domain.left_out)
            yield InputsRow(function=domain.function, cases=sizes[0], covered=sizes[1], left_out=sizes[2])


def _pairs(results: Iterable[Result], lab: Lab) -> int:
    graded = [question.id for question in lab.auto_graded if not question.training]
    wrong = {r.case.question for r in results if not r.case.right and r.runs[0].others is not None}
    return len(wrong) * (len(graded) - 1)


def _question(question: Question, group: Sequence[Result]) -> QuestionRow:
    wheats, chaffs, mutants, variants = (_of(group, kind) for kind in ("wheat", "chaff", "mutant", "variant"))
    made = [result for result in mutants if result.case.made_of]
    mutants = [result for result in mutants if not result.case.made_of]
    living, made_living = ([r for r in group if not r.case.equivalent] for group in (mutants, made))
    watched = wheats if question.by_hand else []
    noted = [(result, *wrong_notes(result, question.by_hand)) for result in watched]
    return QuestionRow(
        question=question.id,
        wheats=len(wheats),
        wheats_passed=_right(wheats),
        chaffs=len(chaffs),
        chaffs_caught=_right(chaffs),
        chaffs_public=sum(bool(failed(result, always=True) & public(result)) for result in chaffs),
        mutants=len(living),
        mutants_killed=_right(living),
        equivalent=len(mutants) - len(living),
        made=len(made_living),
        made_killed=_right(made_living),
        made_equivalent=len(made) - len(made_living),
        variants=len(variants),
        variants_passed=_right(variants),
        known=sum(bool(result.case.name) for result in chaffs),
        named=sum(named_right(result) for result in chaffs if result.case.name),
        misnamed=sum(bool(wrong_names(result)) for result in group),
        by_hand=sum(not result.case.library for result in watched),
        false_notes=sum(bool(false) for _, false, _ in noted),
        library=sum(bool(result.case.library) for result in watched),
        missed_notes=sum(bool(missed) for _, _, missed in noted),
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
    """The names that are not the case's own, and those that it would get if its own were not known.

    What a judgement proves by itself cannot be wrong. Mutants have no name of their own: one that happens to
    be a known mistake is rightly called that, unless the inputs of another seed refute it.
    """
    if result.case.kind == "mutant":
        return set(_refuted(result))
    instead = [set(run.explaining) - {result.case.name} for run in result.runs]
    given = {name for found in instead if len(found) == 1 for name in found}
    return (names(result) - _DIRECT - {result.case.name}) | given


def _refuted(result: Result) -> Iterable[str]:
    """The names that a mutant got under one seed and that do not explain what it did under another one."""
    failed = [set(run.explaining) for run in result.runs if not run.passed]
    for name in names(result) - _DIRECT:
        if not all(name in found for found in failed) or len(failed) < len(result.runs):
            yield name


# ---- notes about library calls -----------------------------------------------------------------------


def wrong_notes(result: Result, kinds: Sequence[str]) -> tuple[set[str], set[str]]:
    """Of a right solution the kinds of calls that were noted and do not do its work, and those not noted."""
    notes = [[note.partition(":")[0] for note in run.question.shortcuts] for run in result.runs]
    noted = [{kind for kind in found if kind in kinds} for found in notes]
    wanted = set(result.case.library)
    return set[str]().union(*noted) - wanted, wanted - wanted.intersection(*noted)


# ---- checks ----------------------------------------------------------------------------------------


def _checks(question: str, group: Sequence[Result]) -> list[CheckRow]:
    wrong = [result for result in group if not result.case.right]
    catchers = [failed(result, always=True) for result in wrong]
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


def _failures(group: Iterable[Result], kinds: Sequence[str]) -> Iterable[WrongCase]:
    for result in group:
        for problem in (*_problems(result.case, result), *_noted(result, kinds)):
            diff = result.case.diff if result.case.made_of else ""
            yield WrongCase(case=result.case.id, about=result.case.about, problem=problem, diff=diff)


def _noted(result: Result, kinds: Sequence[str]) -> Iterable[str]:
    false, missed = wrong_notes(result, kinds) if result.case.right else ((), ())
    yield from (f"noted as a library's {kind}" for kind in sorted(false))
    yield from (f"not noted as a library's {kind}" for kind in sorted(missed))


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
