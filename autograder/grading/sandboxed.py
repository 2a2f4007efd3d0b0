"""A submission in the sandbox, answering probes: one worker process per question."""

from __future__ import annotations

from types import TracebackType

from autograder.assignment import Limits, Question
from autograder.checks.context import Context
from autograder.checks.student import UNREADABLE, StudentFailure
from autograder.sandbox import Child, ChildFailure, Zygote
from autograder.sandbox import Limits as SandboxLimits
from autograder.submission import Submission
from autograder.values import Value

PRELOAD = ("torch", "autograder.probes")
MIB = 1 << 20


class Workers:
    """The worker of the question that is being graded; the next question gets a fresh one."""

    def __init__(self, zygote: Zygote, submission: Submission, context: Context) -> None:
        self._zygote = zygote
        self._submission = submission
        self._assignment = context.assignment
        self._context = context
        self._question = ""
        self._child: Child | None = None
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

    def keep_output(self, question_id: str) -> None:
        """Keep what the question's worker has printed so far."""
        if self._child is not None and self._question == question_id:
            self.outputs[question_id] = self._child.output

    def student(self, question_id: str) -> SandboxedStudent:
        """Whoever answers probes for one question."""
        return SandboxedStudent(self, self._assignment.question(question_id))

    def child(self, question: Question) -> Child:
        """The worker of `question`, started on first use."""
        if self._child is None or self._question != question.id:
            self.close()
            self._question = question.id
            cuda = question.training and self._context.device != "cpu"
            limits = self._assignment.limits_of(question, full=self._context.data is not None)
            self._child = self._zygote.child(self._submission.sources, _sandbox_limits(limits, cuda))
            self._child.__enter__()
        return self._child

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
        """Run one probe in the sandbox. StudentFailure when student code brings no value back."""
        if problem := self._workers.problem(self._question):
            raise StudentFailure("error", problem, kind=UNREADABLE)
        try:
            return self._workers.child(self._question).call(f"autograder.probes:{probe}", arguments)
        except ChildFailure as failure:
            raise _told(failure) from None


def _told(failure: ChildFailure) -> StudentFailure:
    if failure.verdict == "not implemented":
        return StudentFailure(failure.verdict, "Not implemented yet.", failure.trace, failure.kind)
    message = (
        f"{failure.kind}: {failure.message}".rstrip(": ") if failure.verdict == "error" else failure.message
    )
    kind = failure.kind if failure.kind.isidentifier() else "Exception"
    return StudentFailure(failure.verdict, message, failure.trace, kind)


def _sandbox_limits(limits: Limits, accelerator: bool) -> SandboxLimits:
    return SandboxLimits(
        cpu_seconds=limits.cpu_seconds,
        wall_seconds=limits.wall_seconds,
        memory_bytes=limits.memory_mb * MIB,
        output_bytes=limits.output_kb * 1024,
        accelerator=accelerator,
    )
