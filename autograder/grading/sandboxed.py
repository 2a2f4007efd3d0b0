"""A submission in the sandbox, answering probes: one worker, reused until something fails."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType

from autograder import probing, timeouts
from autograder.checking.check import Check
from autograder.checking.context import Context
from autograder.checking.stand_ins import stand_ins, stand_ins_of
from autograder.checking.student import NOT_LOADED, UNREADABLE, StudentFailure, call_seed
from autograder.grading.slots import Slots
from autograder.lab import Question
from autograder.modules import Given
from autograder.sandbox import Child, ChildFailure, ChildLimits, Setting, Zygote
from autograder.submission import Submission
from autograder.values import Value

MIB = 1 << 20
SHARE = 0.2
"""How much of a question's time it may use in a worker that has served others; a fresh one gets all."""
LOAD = f"{probing.__name__}:load"


@dataclass(frozen=True)
class Order:
    """One call of a probe: in what part of the run, with which arguments, drawing from which seed."""

    target: str
    arguments: Mapping[str, Value]
    setting: Setting


class Clock:
    """The wall time that a submission has left: in all, and in each question, whichever worker uses it."""

    def __init__(self, seconds: float) -> None:
        self._all = self._left = seconds
        self._of: dict[str, float] = {}

    def left(self, question_id: str, seconds: float) -> float:
        """What a question has left of its `seconds`. ChildFailure, a timeout, when nothing is left."""
        own = self._of.setdefault(question_id, seconds)
        if self._left <= 0:
            told = f"all questions together have used up the {self._all:g} s that a submission may take"
            raise ChildFailure("timeout", "Timeout", told)
        if own <= 0:
            raise ChildFailure("timeout", "Timeout", f"the question has used up its {seconds:g} s")
        return min(own, self._left)

    @contextlib.contextmanager
    def running(self, question_id: str) -> Iterator[None]:
        """While this lasts, the clock of the submission and that of the question run."""
        started = time.monotonic()
        try:
            yield
        finally:
            taken = time.monotonic() - started
            self._left -= taken
            self._of[question_id] -= taken


@dataclass
class _Stretch:
    """The checks of one question that follow each other: the public or the hidden ones.

    `orders` are what they have asked of a worker that serves other questions too, `begun` how many of these
    before the present check: what is tried again in a fresh worker finds there what it would have found here.
    """

    name: str = ""
    orders: list[Order] = field(default_factory=list)
    begun: int = 0


class Workers:
    """The worker of the question that is being graded.

    A process for each question would cost more than most checks do, so a worker goes on to the next question.
    What goes wrong in a worker that has served others is no verdict: it is tried again in a fresh one, so
    that nothing that one question leaves behind can cost another its points. Nor can anything that one was
    given serve another as its answer: a question whose function has stood in for earlier ones' in a worker
    gets a fresh one.
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
        self._clock = Clock(context.lab.seconds_of_all(full=context.data is not None))
        self._question = self._turn = ""
        self._stretch = _Stretch()
        self._child: Child | None = None
        self._limits: ChildLimits | None = None
        self._shared = False
        self._begun = ""
        self._met: set[str] = set()
        self._failing: set[str] = set()
        self._dead: dict[str, ChildFailure] = {}
        self._unloadable: dict[tuple[object, ...], ChildFailure] = {}
        self._stand_ins: Given | None = None
        self._given_to: dict[str, Given] = {}
        self._limits_by: dict[str, ChildLimits] = {}
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
        self._met = set()
        self._begun = ""
        self._place.close()

    def keep_output(self, question_id: str) -> None:
        """Keep what the question's worker has printed."""
        if self._child is not None and self._question == question_id:
            self.outputs[question_id] = self._child.output

    def failed(self, question_id: str) -> bool:
        """Note that a check of the question failed; whether it must be tried again in a fresh worker."""
        if self._question != question_id or self._child is None:
            return False
        self._failing.add(question_id)
        again = self._shared
        if again:
            del self._stretch.orders[self._stretch.begun :]
            self.close()
        return again

    def student(self, check: Check) -> SandboxedStudent:
        """Whoever answers the probes of one check, which begins now."""
        name = f"{check.question} {'hidden' if check.hidden else 'public'}"
        if self._stretch.name != name:
            self._stretch = _Stretch(name)
        self._stretch.begun = len(self._stretch.orders)
        return SandboxedStudent(self, self._lab.question(check.question), check.key)

    def call(self, question: Question, probe: str, arguments: Mapping[str, Value], seed: int) -> Value:
        """Run a probe in the worker of `question`. ChildFailure: a timeout or a crash stays one."""
        if question.id in self._dead:
            raise self._dead[question.id]
        setting = Setting(self._stretch.name, self._given(question), seed)
        order = Order(f"{self._lab.name}.probes:{probe}", arguments, setting)
        try:
            self._refuse_early(question, setting.given)
            child = self.child(question)
            self._begin(child, question, setting.given)
            if self._shared:
                self._stretch.orders.append(order)
            return self._ask(child, question, order)
        except ChildFailure as failure:
            if failure.verdict in ("timeout", "crashed") and not self._shared:
                self._dead[question.id] = failure
            raise

    def child(self, question: Question) -> Child:
        """The worker of `question`, found on first use; the public and the hidden checks have a turn each."""
        if self._child is None or self._turn != self._stretch.name:
            self._turn_to(question)
        assert self._child is not None
        return self._child

    def _ask(self, child: Child, question: Question, order: Order) -> Value:
        left = self._clock.left(question.id, self._limits_of(question).wall_seconds)
        setting = replace(order.setting, wall_seconds=min(left, order.setting.wall_seconds))
        with self._clock.running(question.id):
            return child.call(order.target, order.arguments, setting)

    # ---- workers -----------------------------------------------------------------------------------

    def _turn_to(self, question: Question) -> None:
        limits = self._limits_of(question)
        stays = self._child is not None and self._may_stay(question)
        self._question, self._turn = question.id, self._stretch.name
        child = self._child
        self._shared = stays and limits == self._limits and question.id not in self._failing
        if child is not None and self._shared:
            child.turn_to_other_work(SHARE)
        else:
            self.close()
            if self._slots is not None and limits.accelerator:
                self._place.enter_context(self._slots.one())
            self._limits = limits
            self._child = self._zygote.child(self._submission.sources, limits)
            self._child.__enter__()

    def _may_stay(self, question: Question) -> bool:
        """Whether the worker has met no stand-in that the question must not; training has one of its own."""
        return not question.training and self._met <= _names(self._given(question))

    def _begin(self, child: Child, question: Question, given: Given) -> None:
        """Have a worker load the question's module, and do what it has missed of this stretch."""
        if self._begun == self._stretch.name:
            return
        self._met |= _names(given)
        self._load(child, question, given)
        for order in self._stretch.orders:
            with contextlib.suppress(ChildFailure):
                self._ask(child, question, order)
        self._begun = self._stretch.name

    def _given(self, question: Question) -> Given:
        """The question's stand-ins, as they were when this submission first needed them."""
        if question.id not in self._given_to:
            if self._stand_ins is None:
                self._stand_ins = stand_ins(self._lab)
            self._given_to[question.id] = stand_ins_of(self._stand_ins, question)
        return self._given_to[question.id]

    # ---- modules -----------------------------------------------------------------------------------

    def _load(self, child: Child, question: Question, given: Given) -> None:
        """Load the question's module by itself. ChildFailure when it does not load; kept for other checks."""
        most, first = self._most(question), not self._begun
        long = self._clock.left(question.id, most.wall_seconds) >= (1 - SHARE) * most.wall_seconds
        arguments: dict[str, Value] = {"name": question.module, "function": question.functions[0]}
        setting = Setting(self._stretch.name, given, 0, most.wall_seconds, most.cpu_seconds)
        try:
            self._ask(child, question, Order(LOAD, arguments, setting))
        except ChildFailure as failure:
            stopped = failure.verdict == "timeout"
            if stopped:
                told = timeouts.not_loaded(question.module, most.wall_seconds, most.cpu_seconds)
                failure = ChildFailure("timeout", NOT_LOADED, told, failure.trace, failure.cpu_seconds)
            if first and long and not self._shared:
                self._unloadable[self._kind_of_load(question, given, stopped)] = failure
            raise failure from None

    def _refuse_early(self, question: Question, given: Given) -> None:
        """ChildFailure where there is no time left, or where the module is known not to load."""
        self._clock.left(question.id, self._limits_of(question).wall_seconds)
        for stopped in (True, False):
            if failure := self._unloadable.get(self._kind_of_load(question, given, stopped)):
                raise failure

    def _most(self, question: Question) -> ChildLimits:
        """What loading the question's module may take: as much for a training question as for any other."""
        limits, usual = self._limits_of(question), self._lab.limits
        wall = min(limits.wall_seconds, usual.wall_seconds)
        return replace(limits, wall_seconds=wall, cpu_seconds=min(limits.cpu_seconds, usual.cpu_seconds))

    def _kind_of_load(self, question: Question, given: Given, stopped: bool) -> tuple[object, ...]:
        """What loading a module depends on: a stop by the clock on less than any other failure."""
        most = self._most(question)
        if stopped:
            return question.module, most.wall_seconds, most.cpu_seconds
        found = given.get(question.functions[0], {})
        names = tuple(sorted(f"{module}.{name}" for module, texts in found.items() for name in texts))
        return question.module, most.memory_bytes, names

    def _limits_of(self, question: Question) -> ChildLimits:
        """What the lab lets a question use, as the sandbox has it."""
        if question.id not in self._limits_by:
            limits = self._lab.limits_of(question, full=self._context.data is not None)
            self._limits_by[question.id] = ChildLimits(
                cpu_seconds=limits.cpu_seconds,
                wall_seconds=limits.wall_seconds,
                memory_bytes=limits.memory_mb * MIB,
                output_bytes=limits.output_kb * 1024,
                accelerator=question.training and self._context.device != "cpu",
            )
        return self._limits_by[question.id]

    def problem(self, question: Question) -> str | None:
        """Why the question's module cannot be run at all, or None."""
        if question.module in self._submission.problems:
            return self._submission.problems[question.module]
        if question.module not in self._submission.sources:
            return f"{question.module}.py was not handed in."
        return None

    def seed(self, check: str, number: int) -> int:
        """What a check's call of that number draws from."""
        return call_seed(self._submission.sources, check, number)


def _names(given: Given) -> set[str]:
    """The functions that something stands in for."""
    return {name for found in given.values() for texts in found.values() for name in texts}


class SandboxedStudent:
    """Runs probes of one check in its question's worker."""

    def __init__(self, workers: Workers, question: Question, check: str) -> None:
        self._workers = workers
        self._question = question
        self._check = check
        self._calls = 0

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe in the sandbox. StudentFailure when student code returns no value."""
        if problem := self._workers.problem(self._question):
            raise StudentFailure("error", problem, kind=UNREADABLE)
        self._calls += 1
        try:
            seed = self._workers.seed(self._check, self._calls)
            return self._workers.call(self._question, probe, arguments, seed)
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
