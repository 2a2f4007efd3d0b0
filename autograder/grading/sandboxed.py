"""A submission in the sandbox, answering probes: one worker, reused until something fails."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType

from autograder.checking.context import Context
from autograder.checking.student import UNREADABLE, StudentFailure
from autograder.grading.slots import Slots
from autograder.lab import Question
from autograder.sandbox import Child, ChildFailure, ChildLimits, Zygote
from autograder.submission import Submission
from autograder.values import Value

MIB = 1 << 20
SHARE = 0.2
"""How much of a question's time it may use in a worker that has served others; a fresh one gets all."""


class Workers:
    """The worker of the question that is being graded.

    A process for each question would cost more than most checks do, so a worker goes on to the next question.
    What goes wrong in a worker that has served others is no verdict: it is tried again in a fresh one, so
    that nothing that one question leaves behind can cost another its points.
    """

    def __init__(
        self, zygote: Zygote, submission: Submission, context: Context, slots: Slots | None = None
    ) -> None:
        self._zygote = zygote
        self._slots = slots
        self._place = ExitStack()
        self._submission = submission
        self._lab = context.lab
        self._context = context
        self._question = ""
        self._child: Child | None = None
        self._limits: ChildLimits | None = None
        self._shared = False
        self._failing: set[str] = set()
        self._earlier = ""
        self._dead: dict[str, ChildFailure] = {}
        self.outputs: dict[str, str] = {}

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the current worker."""
        if self._child is not None:
            child, self._child = self._child, None
            child.__exit__(None, None, None)
        self._place.close()

    def keep_output(self, question_id: str) -> None:
        """Keep what the question's worker has printed since the last time."""
        if self._child is not None and self._question == question_id:
            self.outputs[question_id] = self._earlier + self._child.output

    def failed(self, question_id: str) -> bool:
        """Note that a check of the question failed; whether it must be tried again in a fresh worker."""
        if self._question != question_id or self._child is None:
            return False
        self._failing.add(question_id)
        again = self._shared
        if again:
            self.close()
        return again

    def student(self, question_id: str) -> SandboxedStudent:
        """Whoever answers probes for one question."""
        return SandboxedStudent(self, self._lab.question(question_id))

    def call(self, question: Question, probe: str, arguments: Mapping[str, Value]) -> Value:
        """Run a probe in the worker of `question`. ChildFailure: a timeout or a crash stays one."""
        if question.id in self._dead:
            raise self._dead[question.id]
        try:
            return self.child(question).call(f"{self._lab.name}.probes:{probe}", arguments)
        except ChildFailure as failure:
            if failure.verdict in ("timeout", "crashed") and not self._shared:
                self._dead[question.id] = failure
            raise

    def child(self, question: Question) -> Child:
        """The worker of `question`, found on first use."""
        if self._child is None or self._question != question.id:
            self._turn_to(question)
        assert self._child is not None
        return self._child

    def _turn_to(self, question: Question) -> None:
        limits = self._limits_of(question)
        self._earlier = self.outputs.get(question.id, "")
        self._question = question.id
        child = self._child
        self._shared = child is not None and limits == self._limits and question.id not in self._failing
        if child is not None and self._shared:
            child.turn_to_other_work(SHARE)
            return
        self.close()
        if self._slots is not None and limits.accelerator:
            self._place.enter_context(self._slots.one())
        self._limits = limits
        self._child = self._zygote.child(self._submission.sources, limits)
        self._child.__enter__()

    def _limits_of(self, question: Question) -> ChildLimits:
        """What the lab lets a question use, as the sandbox has it."""
        limits = self._lab.limits_of(question, full=self._context.data is not None)
        return ChildLimits(
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=limits.wall_seconds,
            memory_bytes=limits.memory_mb * MIB,
            output_bytes=limits.output_kb * 1024,
            accelerator=question.training and self._context.device != "cpu",
        )

    def problem(self, question: Question) -> str | None:
        """Why the question's module cannot be run at all, or None."""
        if question.module in self._submission.problems:
            return self._submission.problems[question.module]
        if question.module not in self._submission.sources:
            return f"{question.module}.py was not handed in."
        return None


class SandboxedStudent:
    """Runs probes of one question in that question's worker."""

    def __init__(self, workers: Workers, question: Question) -> None:
        self._workers = workers
        self._question = question

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe in the sandbox. StudentFailure when student code returns no value."""
        if problem := self._workers.problem(self._question):
            raise StudentFailure("error", problem, kind=UNREADABLE)
        try:
            return self._workers.call(self._question, probe, arguments)
        except ChildFailure as failure:
            raise _student_failure(failure) from None


def _student_failure(failure: ChildFailure) -> StudentFailure:
    """A child's failure in the words that the student reads."""
    if failure.verdict == "not implemented":
        return StudentFailure(failure.verdict, "Not implemented yet.", failure.trace, failure.kind)
    message = (
        f"{failure.kind}: {failure.message}".rstrip(": ") if failure.verdict == "error" else failure.message
    )
    kind = failure.kind if failure.kind.isidentifier() else "Exception"
    return StudentFailure(failure.verdict, message, failure.trace, kind)
