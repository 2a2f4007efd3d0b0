"""One submission to one Grade, by pytest."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import platform
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import torch

from autograder import __version__, probing
from autograder.checking.by_hand import ByHand
from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.checking.context import Context
from autograder.checking.diagnosis import Sighting
from autograder.eager import without_dynamo
from autograder.errors import GraderError, OptionError
from autograder.grade import (
    CheckResult,
    Environment,
    Grade,
    LabVersion,
    QuestionResult,
    Training,
    Verdict,
    digest_of,
    total,
    worst,
)
from autograder.grading.plugin import GradingPlugin, Outcome, Outcomes, results_in_order
from autograder.grading.sandboxed import Workers
from autograder.grading.shortcuts import Intrusion, intrusions, shortcuts
from autograder.grading.slots import Slots
from autograder.grading.suite import Suite
from autograder.lab import Lab, LabError, Question
from autograder.sandbox import Zygote
from autograder.submission import Submission

PACKAGE = Path(__file__).resolve().parent.parent
_JUDGING = ("checking", "handin")
"""Packages that decide what comes of an answer: the checks' own, and what reads and runs modules."""
_BESIDE_STUDENTS = (
    "probing.py",
    "watching.py",
    "modules.py",
    "randomness.py",
    "simulated_device.py",
    "text.py",
    "values.py",
)


@dataclass(frozen=True)
class Options:
    """What to grade and how. `only` None is every question, `seed` None one derived from the submission.

    `gpu_slots` is how many trainings use the GPU at a time, over all processes of this user on this machine;
    None sets no bound. Without `diagnose` no known mistake is named, which saves the time to look for one.
    """

    only: frozenset[str] | None = None
    device: str = "auto"
    data: Path | None = None
    training: bool = True
    seed: int | None = None
    unsafe: bool = False
    gpu_slots: int | None = None
    diagnose: bool = True


@dataclass(frozen=True)
class Warm:
    """What takes long to make and serves any options: the zygote, and the collected checks."""

    zygote: Zygote
    suite: Suite


@dataclass
class Grader:
    """Grades submissions from one warm zygote. A context manager; enter it in the main thread.

    `warm` is another grader's, for one that ends with it (see `variant`).
    """

    lab: Lab
    options: Options = field(default_factory=Options)
    warm: Warm | None = field(default=None, repr=False)

    def __enter__(self) -> Grader:
        self.verify()
        preload = ("torch", probing.__name__, self.lab.probes.__name__)
        torch.set_num_threads(1)
        without_dynamo()
        zygote = Zygote(preload, [PACKAGE.parent, self.lab.folder], unsafe=self.options.unsafe)
        self.warm = Warm(zygote.__enter__(), Suite(self._check_files()))
        gc.freeze()  # what is here now stays; without it each collection goes through all of torch
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self.warm is not None:
            self.warm.suite.close()
            self.warm.zygote.close()
            self.warm = None

    def variant(self, **changes: Any) -> Grader:
        """A grader with some other options on the same warm zygote; it ends with this one."""
        other = Grader(self.lab, replace(self.options, **changes), self._warm)
        other.verify()
        return other

    @property
    def _warm(self) -> Warm:
        if self.warm is None:
            raise RuntimeError("the grader is not entered")
        return self.warm

    def verify(self) -> None:
        """OptionError where the options ask for what is not there, LabError where a question has no check."""
        unknown = sorted(set(self.options.only or ()) - {q.id for q in self.lab.auto_graded})
        if unknown:
            known = ", ".join(question.id for question in self.lab.auto_graded)
            told = f"unknown question {', '.join(unknown)}; choose from {known}"
            if written := [question.id for question in self.lab.questions if question.id in unknown]:
                told = f"{', '.join(written)}: people mark the written answers, which are always read; "
                told += f"choose from {known}"
            raise OptionError(told, "only")
        if self.options.only and not self.selection:
            named = ", ".join(sorted(self.options.only))
            told = f"nothing would be run: {named} trains, and training is left out; drop one of the two"
            raise OptionError(told, "only", "training")
        if self.options.data is not None:
            _ = self._data_files
        for question in self.lab.auto_graded:
            if not any(check.question == question.id for check in self.checks):
                raise LabError(
                    f"{self.lab.package}: {question.id} has no check; write one, or remove the question"
                )
        _ = self._slots

    @cached_property
    def device(self) -> str:
        """The device that the training question trains on: `cpu` or `cuda`."""
        if self.options.device == "cpu":
            return "cpu"
        if torch.cuda.is_available():
            return "cuda"
        if self.options.device == "cuda":
            raise OptionError("torch finds no CUDA device here; choose cpu or auto", "device")
        return "cpu"

    @cached_property
    def _slots(self) -> Slots | None:
        if self.device == "cpu" or self.options.gpu_slots is None:
            return None
        try:
            return Slots(self.options.gpu_slots)
        except OSError as error:
            raise OptionError(f"cannot set up the GPU slots: {error}", "gpu_slots") from None

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every check, in the order of the assignment's questions."""
        order = [question.id for question in self.lab.questions]
        return tuple(sorted(catalog(self.lab), key=lambda check: order.index(check.question)))

    @cached_property
    def rules(self) -> str:
        """A digest of all a grade rests on besides the submission: checks, probes, reference, points."""
        return _digest(self.rule_files)

    @cached_property
    def rule_files(self) -> Sequence[Path]:
        """The files of that digest: where one of them changes, an earlier grade no longer stands."""
        files = [
            self.lab.folder / "assignment.toml",
            *sorted(self.lab.solutions.glob("*.py")),
            *self.lab.code(),
        ]
        files += [PACKAGE / name for name in _BESIDE_STUDENTS]
        for name in _JUDGING:
            files += sorted((PACKAGE / name).rglob("*.py"))
        return files

    @cached_property
    def _data(self) -> str:
        """A digest of the files that the training question trains and tests on."""
        return _digest(self._data_files)

    @cached_property
    def _data_files(self) -> Sequence[Path]:
        """The files that training reads. UsageError when they are asked for and not there."""
        data = self.lab.optional("data")
        if data is None:
            if self.options.data is not None:
                told = f"{self.lab.title} uses no data set; leave out {self.options.data}"
                raise OptionError(told, "data")
            return ()
        found: Sequence[Path] = data.files(self.lab, self.options.data)
        return found

    @cached_property
    def _by_hand(self) -> ByHand:
        """The calls that the lab watches in questions to be done by hand."""
        module = self.lab.optional("by_hand")
        found: ByHand = module.BY_HAND if module else ByHand()
        return found

    def selected(self, question: Question) -> bool:
        """Whether this run grades a question."""
        if self.options.only is not None and question.id not in self.options.only:
            return False
        return self.options.training or not question.training

    def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
        """Grade one submission, in all selected questions or in these. GraderError when the grader failed.

        LabError when it is the lab that is wrong.
        """
        return self.examine(submission, questions)[0]

    def examine(
        self, submission: Submission, questions: Collection[str] | None = None
    ) -> tuple[Grade, dict[str, tuple[str, ...]]]:
        """As `grade`; with the grade, by question, all known mistakes that explain its outcomes."""
        chosen = self.selection if questions is None else frozenset(questions)
        started = time.monotonic()
        with self._fed(submission, chosen) as (workers, plugin):
            self._run(plugin, chosen)
        seconds = time.monotonic() - started
        explaining = plugin.outcomes.explaining.items()
        found = {question: tuple(mistake.name for mistake in mistakes) for question, mistakes in explaining}
        return self._grade(submission, plugin.outcomes, workers.outputs, seconds), found

    @contextlib.contextmanager
    def session(self, submission: Submission) -> Iterator[GradingPlugin]:
        """The plugin that feeds checks with this submission, for a pytest run started elsewhere."""
        with self._fed(submission, self.selection) as (_, plugin):
            yield plugin

    @contextlib.contextmanager
    def _fed(
        self, submission: Submission, chosen: Collection[str]
    ) -> Iterator[tuple[Workers, GradingPlugin]]:
        context = Context(self.lab, self.device, self.options.data, self._seed(submission))
        with Workers(self._warm.zygote, submission, context, self._slots) as workers:
            yield (
                workers,
                GradingPlugin(
                    workers.student,
                    context,
                    lambda check: check.question in chosen,
                    workers.keep_output,
                    workers.failed,
                    diagnose=self.options.diagnose,
                ),
            )

    @cached_property
    def selection(self) -> frozenset[str]:
        """The questions that this run grades."""
        return frozenset(question.id for question in self.lab.auto_graded if self.selected(question))

    def _check_files(self) -> list[Path]:
        names = sorted({check.module for check in self.checks})
        return [self.lab.folder / f"{name.replace('.', '/')}.py" for name in names]

    def _seed(self, submission: Submission) -> int:
        """The seed asked for, or one of these modules' own that no one can foresee from the outside.

        The notebook does not count: otter puts another in its place.
        """
        if self.options.seed is not None:
            return self.options.seed
        digest = hashlib.sha256(self.rules.encode())
        for name, text in sorted(submission.sources.items()):
            digest.update(hashlib.sha256(f"{name}\0{text}".encode("utf-8", "replace")).digest())
        return int.from_bytes(digest.digest()[:4], "big") >> 1

    def _run(self, plugin: GradingPlugin, chosen: Collection[str]) -> None:
        if not chosen:
            return
        self._warm.suite.run(plugin)
        for error in plugin.outcomes.errors:
            raise error
        wanted = [check.key for check in self.checks if check.question in chosen]
        missing = [f"{key} produced no result" for key in wanted if key not in plugin.outcomes.checks]
        if plugin.outcomes.faults or missing:
            raise GraderError("\n".join([*plugin.outcomes.faults, *missing[:3]]))

    def _grade(
        self, submission: Submission, outcomes: Outcomes, outputs: dict[str, str], seconds: float
    ) -> Grade:
        seed = self._seed(submission)
        pairs = results_in_order(self.checks, outcomes)
        questions = tuple(
            self._question(q, pairs, outputs, submission, outcomes.called.get(q.id))
            for q in self.lab.questions
        )
        digests = [question.digest for question in questions]
        graded = [question for question in questions if question.verdict is not Verdict.UNGRADED]
        facts = outcomes.facts.get("training")
        return Grade(
            assignment=self.lab.name,
            submission=submission.id,
            release=LabVersion(**self.lab.release),
            score=total(question.score for question in graded),
            max_score=total(question.max_score for question in graded),
            questions=questions,
            environment=self._environment(seed),
            training=Training.model_validate(facts) if facts else None,
            notes=submission.notes,
            seconds=round(seconds, 3),
            work=submission.digest,
            code=submission.code,
            digest=digest_of(submission.digest, digests),
        )

    def _question(
        self,
        question: Question,
        pairs: Sequence[tuple[Check, Outcome]],
        outputs: dict[str, str],
        submission: Submission,
        called: Collection[Sighting] | None,
    ) -> QuestionResult:
        checks = tuple(self._check(check, how) for check, how in pairs if check.question == question.id)
        ran = any(check.verdict is not Verdict.NOT_RUN for check in checks)
        watched = question.by_hand and ran
        found = shortcuts(submission.sources, question, called, self._by_hand) if watched else []
        intruding: list[Intrusion] = []
        if question.module:
            own = (PACKAGE.name, self.lab.name)
            intruding = intrusions(submission.sources.get(question.module, ""), question.module, own)
        if self.lab.shortcuts_cost_points and any(shortcut.certain for shortcut in found):
            checks = tuple(_without_points(check) for check in checks)
        verdict = Verdict.UNGRADED if question.written else worst(check.verdict for check in checks)
        return QuestionResult(
            id=question.id,
            title=question.title,
            score=total(check.score for check in checks),
            max_score=question.points,
            verdict=verdict,
            checks=checks,
            output=outputs.get(question.id, ""),
            answer=submission.answers.get(question.id, ""),
            shortcuts=tuple(map(str, [*found, *intruding])),
            digest=self.digest(submission, question) if ran else "",
        )

    def _check(self, check: Check, how: Outcome) -> CheckResult:
        return CheckResult(
            name=check.name,
            title=check.title,
            verdict=how.verdict,
            score=check.points if how.verdict is Verdict.PASSED else 0,
            max_score=check.points,
            visibility=self.lab.hidden_visibility if check.hidden else "visible",
            message=how.message,
            detail=how.detail,
            seconds=round(how.seconds, 3),
            misconception=how.misconception,
            comparison=how.comparison,
        )

    def _environment(self, seed: int) -> Environment:
        return Environment(
            device=self.device,
            isolation=self._warm.zygote.isolation,
            missing=self._warm.zygote.missing,
            versions={
                "convlab": __version__,
                "python": platform.python_version(),
                "torch": torch.__version__,
                "pytest": pytest.__version__,
            },
            seed=seed,
        )

    def digest(self, submission: Submission, question: Question) -> str:
        """A digest of all that a question's result rests on: equal ones need no second run."""
        parts = [question.id, submission.digest, self.rules, str(self._seed(submission))]
        parts += [str(self.options.unsafe)]
        if question.training:
            parts += [self._data, self.device]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _without_points(check: CheckResult) -> CheckResult:
    if check.verdict is not Verdict.PASSED:
        return check
    text = "The result is right, but a library call did the work that this question wants done by hand."
    return check.model_copy(update={"verdict": Verdict.WRONG, "score": 0, "message": text})


def _digest(files: Iterable[Path]) -> str:
    """A digest of the names and contents of some files."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
