"""report.html: the whole class, for staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

from markupsafe import Markup

from autograder.grade import CheckResult, Grade, QuestionResult, Verdict
from autograder.gradebook import Results
from autograder.lab import Lab
from autograder.report import figures
from autograder.report.html import page
from autograder.report.similarity import Alikeness
from autograder.report.terminal import QUIET, isolation_lines

STOPPED = (Verdict.ERROR, Verdict.MEMORY, Verdict.TIMEOUT, Verdict.CRASHED)
PARTS = (
    ("passed", figures.BLUE, "blue", (Verdict.PASSED, Verdict.GRADED)),
    ("wrong", figures.BAD, "bad", (Verdict.WRONG,)),
    ("error, time-out, memory or crash", figures.PLUM, "plum", STOPPED),
    ("not implemented", figures.WARN, "warn", (Verdict.NOT_IMPLEMENTED,)),
    ("ungraded or not run", figures.IDLE, "idle", (Verdict.UNGRADED, Verdict.NOT_RUN)),
)
"""How verdicts are put together in the figure of the questions: label, colour and its name, verdicts."""
BINS = 20


@dataclass
class Tally:
    """A question or a check over the whole class; `scores` are shares of the maximum, of those that count."""

    question: str
    title: str
    max_score: float
    hidden: bool = False
    scores: list[float] = field(default_factory=list)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def add(self, name: str, result: QuestionResult | CheckResult) -> None:
        """Count one submission's result."""
        self.verdicts[result.verdict] += 1
        if result.verdict in (Verdict.UNGRADED, Verdict.NOT_RUN):
            return
        self.scores.append(result.score / result.max_score if result.max_score else 1.0)
        if result.verdict not in (Verdict.PASSED, Verdict.GRADED):
            self.failed.append(name)

    @property
    def average(self) -> float:
        """The mean share of the points, in [0, 1]."""
        return mean(self.scores) if self.scores else 0.0

    @property
    def full(self) -> int:
        """How many got every point."""
        return sum(score >= 1 for score in self.scores)

    @property
    def others(self) -> list[tuple[Verdict, int]]:
        """The verdicts of those that did not pass, and how often each."""
        return [(verdict, count) for verdict, count in self.verdicts.most_common() if verdict not in QUIET]


@dataclass(frozen=True)
class CommonMistake:
    """A known mistake in a question, and who made it."""

    question: str
    name: str
    who: list[str]


@dataclass(frozen=True)
class Trouble:
    """Why checks of one question ended before they could be judged, for one submission."""

    submission: str
    question: QuestionResult
    verdict: Verdict
    text: str
    checks: int


def overview_page(results: Results, lab: Lab, alike: Alikeness | None = None) -> str:
    """The page on the whole class. It is for staff only."""
    grades = results.grades
    questions = list(_questions(grades).values())
    return page(
        "report.html.jinja",
        title=lab.title,
        results=results,
        facts=_facts(grades),
        incomplete=_incomplete(grades),
        isolation=isolation_lines(grades.values()),
        distribution=_distribution(grades),
        questions=questions,
        verdicts=_verdicts(questions),
        parts=PARTS,
        checks=list(_checks(grades).values()),
        titles={row.question: row.title for row in questions},
        mistakes=mistakes(grades),
        trains=lab.training is not None,
        accuracies=_accuracies(grades),
        short=[name for name, g in grades.items() if g.training and _reached(g) < g.training.threshold],
        untrained=[name for name, grade in grades.items() if grade.training is None],
        troubles=list(_troubles(grades)),
        notes=[(name, grade.notes) for name, grade in grades.items() if grade.notes],
        alike=alike,
        lost=_lost,
    )


def _facts(grades: dict[str, Grade]) -> dict[str, float]:
    scores = [grade.score for grade in grades.values()]
    if not scores:
        return {}
    numbers = {"median": median(scores), "mean": mean(scores), "lowest": min(scores), "highest": max(scores)}
    return {**numbers, "maximum": max(grade.max_score for grade in grades.values())}


def _incomplete(grades: dict[str, Grade]) -> list[tuple[Verdict, list[str], tuple[str, ...]]]:
    """Which questions have no points yet, why, and for whom; those together that concern the same people."""
    found: dict[tuple[Verdict, str], list[str]] = {}
    for name, grade in grades.items():
        for question in grade.questions:
            if question.verdict in (Verdict.UNGRADED, Verdict.NOT_RUN):
                found.setdefault((question.verdict, question.id), []).append(name)
    together: dict[tuple[Verdict, tuple[str, ...]], list[str]] = {}
    for (verdict, question_id), names in found.items():
        together.setdefault((verdict, tuple(names)), []).append(question_id)
    return [(verdict, ids, names) for (verdict, names), ids in together.items()]


def _questions(grades: dict[str, Grade]) -> dict[str, Tally]:
    rows: dict[str, Tally] = {}
    for name, grade in grades.items():
        for question in grade.questions:
            row = rows.setdefault(question.id, Tally(question.id, question.title, question.max_score))
            row.add(name, question)
    return rows


def _checks(grades: dict[str, Grade]) -> dict[tuple[str, str], Tally]:
    rows: dict[tuple[str, str], Tally] = {}
    for name, grade in grades.items():
        for question in grade.questions:
            for check in question.checks:
                hidden = check.visibility != "visible"
                new = Tally(question.id, check.title, check.max_score, hidden)
                rows.setdefault((question.id, check.name), new).add(name, check)
    return dict(sorted(rows.items(), key=lambda item: item[0][0]))


def mistakes(grades: dict[str, Grade]) -> list[CommonMistake]:
    """The known mistakes that were met, the most common first."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, grade in grades.items():
        for question in grade.questions:
            named = {check.misconception for check in question.checks if check.misconception}
            for misconception in sorted(named):
                found.setdefault((question.id, misconception), []).append(name)
    order = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [CommonMistake(question, name, who) for (question, name), who in order]


def _lost(grade: Grade) -> list[tuple[Verdict, list[str]]]:
    """The questions that lost points, by verdict, the worst first."""
    found: dict[Verdict, list[str]] = {}
    for question in grade.questions:
        if question.verdict not in QUIET:
            found.setdefault(question.verdict, []).append(question.id)
    return sorted(found.items(), key=lambda item: list(Verdict).index(item[0]), reverse=True)


def _troubles(grades: dict[str, Grade]) -> Iterator[Trouble]:
    """One entry per submission, question and reason."""
    for name, grade in grades.items():
        for question in grade.questions:
            reasons: Counter[tuple[Verdict, str]] = Counter()
            for check in question.checks:
                if check.verdict in STOPPED:
                    reasons[check.verdict, check.detail or check.message] += 1
            for (verdict, text), count in reasons.items():
                yield Trouble(name, question, verdict, text, count)


def _distribution(grades: dict[str, Grade]) -> Markup:
    if not grades:
        return Markup()
    highest = max(grade.max_score for grade in grades.values()) or 1
    scores = [grade.score for grade in grades.values()]
    edges, counts = _binned(scores, 0, highest, 10)
    mark = (median(scores), f"median {median(scores):g}")
    return figures.histogram("scores", "Distribution of scores", "points", edges, counts, mark)


def _binned(values: Iterable[float], low: float, high: float, bins: int) -> tuple[list[float], list[int]]:
    """The edges of equal bins, and how many values are in each; those outside go into the outermost."""
    edges = [low + (high - low) * n / bins for n in range(bins + 1)]
    counts = [0] * bins
    for value in values:
        place = int((value - low) / (high - low) * bins + 1e-9)
        counts[min(max(place, 0), bins - 1)] += 1
    return edges, counts


def _verdicts(questions: Sequence[Tally]) -> Markup:
    if not questions:
        return Markup()
    parts = [
        (label, colour, [sum(row.verdicts[verdict] for verdict in verdicts) for row in questions])
        for label, colour, _, verdicts in PARTS
    ]
    return figures.stacked("verdicts", "Verdicts by question", [row.question for row in questions], parts)


def _reached(grade: Grade) -> float:
    """The accuracy that decides the training question, that of the averaged weights; 0 where it is none."""
    reached = grade.training.averaged_accuracy if grade.training else 0.0
    return reached if 0 <= reached <= 1 else 0.0


def _accuracies(grades: dict[str, Grade]) -> Markup:
    trained = [grade for grade in grades.values() if grade.training]
    if not trained:
        return Markup()
    values = [_reached(grade) for grade in trained]
    low = min(0.8, int(min(values) * 10) / 10)
    edges, counts = _binned(values, low, 1.0, BINS)
    threshold = next(grade.training.threshold for grade in trained if grade.training)
    mark = (threshold, f"{threshold:g} needed")
    return figures.histogram("accuracies", "Accuracy after training", "test accuracy", edges, counts, mark)
