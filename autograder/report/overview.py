"""report.html: the whole class, for staff."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import StatisticsError, correlation, mean, median

from markupsafe import Markup

from autograder.grade import CheckResult, Grade, QuestionResult, Verdict
from autograder.gradebook import Results
from autograder.lab import Lab
from autograder.report import figures
from autograder.report.html import page, script
from autograder.report.left import ToMark, placeholders, to_mark
from autograder.report.people import absent_lines, labels, late_lines, twice
from autograder.report.similarity import Alikeness
from autograder.report.terminal import QUIET, isolation_lines
from autograder.text import KNOWN_MISTAKE

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
KNOWN = re.compile(KNOWN_MISTAKE + r"([^\n]+)")
FEWEST = 5
"""Fewer submissions say nothing about a question."""


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
    """A known mistake in a question, who made it, and the sentence that they read."""

    question: str
    name: str
    who: list[str]
    text: str = ""


@dataclass(frozen=True)
class Trouble:
    """Why checks ended before they could be judged, for one submission: a row for each cause."""

    submission: str
    questions: list[str]
    verdict: Verdict
    text: str
    checks: int


def overview_page(results: Results, lab: Lab, alike: Alikeness | None = None) -> str:
    """The page on the whole class. It is for staff only."""
    grades = results.grades
    questions = list(_questions(grades).values())
    tables, allowed = script("tables.js")
    return page(
        "report.html.jinja",
        tables=tables,
        allowed=allowed,
        labels=labels(results),
        suspicious=list(_suspicious(grades, results.lapsed)),
        unmarked=_unmarked(grades, lab),
        twice=twice(results),
        late=late_lines(results.unsure),
        absent=absent_lines(results.absent, results.strangers),
        discrimination={row.question: _discrimination(row.question, grades) for row in questions},
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


def _suspicious(
    grades: dict[str, Grade], lapsed: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, list[str]]]:
    """What a person should look at before points are published, by submission."""
    for name, grade in grades.items():
        texts = [f"{q.id} not by hand? {text}" for q in grade.questions for text in q.shortcuts]
        texts += [f"{q}: its mark no longer counts, {why}" for q, why in lapsed.get(name, {}).items()]
        texts += [note for note in grade.notes if note.startswith("Not sure: ")]
        if texts:
            yield name, texts


def _unmarked(grades: dict[str, Grade], lab: Lab) -> list[tuple[str, ToMark]]:
    """The answers without points, by question, where there are any."""
    blank = placeholders(lab)
    found = [(asked.id, to_mark(grades.values(), blank, asked.id)) for asked in lab.questions]
    return [(question, left) for question, left in found if left.count]


def _discrimination(question: str, grades: dict[str, Grade]) -> float | None:
    """The correlation of a question's points with those of all the others; None where there is none."""
    own, rest = [], []
    for grade in grades.values():
        found = next((q for q in grade.questions if q.id == question), None)
        if found is not None and found.verdict not in (Verdict.UNGRADED, Verdict.NOT_RUN):
            own.append(found.score)
            rest.append(sum(q.score for q in grade.questions) - found.score)
    if len(own) < FEWEST:
        return None
    try:
        return correlation(own, rest)
    except StatisticsError:  # all alike
        return None


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
    texts: dict[tuple[str, str], str] = {}
    for name, grade in grades.items():
        for question in grade.questions:
            named = {check.misconception for check in question.checks if check.misconception}
            for check in question.checks:
                if check.misconception and (told := KNOWN.search(f"{check.detail}\n{check.message}")):
                    texts.setdefault((question.id, check.misconception), told[1])
            for misconception in sorted(named):
                found.setdefault((question.id, misconception), []).append(name)
    order = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [CommonMistake(*key, who, texts.get(key, "")) for key, who in order]


def _lost(grade: Grade) -> list[tuple[Verdict, list[str]]]:
    """The questions that lost points, by verdict, the worst first."""
    found: dict[Verdict, list[str]] = {}
    for question in grade.questions:
        if question.verdict not in QUIET:
            found.setdefault(question.verdict, []).append(question.id)
    return sorted(found.items(), key=lambda item: list(Verdict).index(item[0]), reverse=True)


def _troubles(grades: dict[str, Grade]) -> Iterator[Trouble]:
    """One entry per submission and reason: a module that does not load is one, whatever it costs."""
    for name, grade in grades.items():
        causes: dict[tuple[Verdict, str], list[str]] = {}
        for question in grade.questions:
            for check in question.checks:
                if check.verdict in STOPPED:
                    causes.setdefault((check.verdict, check.detail or check.message), []).append(question.id)
        for (verdict, text), asked in causes.items():
            yield Trouble(name, list(dict.fromkeys(asked)), verdict, text, len(asked))


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
