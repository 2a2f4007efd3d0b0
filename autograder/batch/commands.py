"""What `convlab grade` and `convlab regrade` do, and show."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from autograder.batch.items import Item, collect
from autograder.batch.lanes import Lane, cores, lanes
from autograder.batch.outlines import Outlines
from autograder.batch.progress import progress
from autograder.batch.regrade import apply as write_all
from autograder.batch.regrade import changes, lapsing, print_changes
from autograder.batch.run import BatchRun, Done, Row, grade_all
from autograder.errors import GRADER, USAGE, OptionError, UsageError
from autograder.grade import Fault, Grade, Student
from autograder.gradebook import Gradebook
from autograder.grading import Grader, Options
from autograder.lab import Lab, load_lab
from autograder.report import new_console, print_end, print_summary, print_table
from autograder.report.left import placeholders
from autograder.report.people import lapsed_list
from autograder.submission import Intake, Roster, read_roster
from autograder.text import one_line, printable, some

FLAGS = {
    "only": "--only",
    "training": "--no-training",
    "device": "--device",
    "data": "--data",
    "gpu_slots": "--gpu-slots",
}
"""What the grader's options are called on the command line."""
FEW = 4
"""Up to so many submissions are shown question by question; of more there is a row each."""


@dataclass(frozen=True)
class Request:
    """What the command line asks for; each field is the option of that name."""

    paths: tuple[Path, ...]
    out: Path
    only: frozenset[str] | None = None
    device: str = "auto"
    data: Path | None = None
    no_training: bool = False
    seed: int | None = None
    unsafe: bool = False
    gpu_slots: int | None = None
    jobs: int | None = None
    roster: Path | None = None
    scheduler: str | None = None
    one: bool = False
    many: bool = False

    @property
    def options(self) -> Options:
        """How to grade. Over a scheduler the CPU is the default: this machine does not know the others.

        UsageError where two options do not go together.
        """
        if self.gpu_slots and self.scheduler:
            raise UsageError(
                "--gpu-slots: does not go with --scheduler; set the workers' resource GPU (docs/cluster.md)"
            )
        if self.gpu_slots and self.device == "cpu":
            raise UsageError("--gpu-slots: no GPU is used with --device cpu")
        device = "cpu" if self.scheduler and self.device == "auto" else self.device
        training, slots = not self.no_training, self.gpu_slots
        return Options(self.only, device, self.data, training, self.seed, self.unsafe, slots)

    def items(self, lab: Lab) -> list[Item]:
        """The submissions, with their students as the roster has them, or else as an earlier run's had."""
        if self.one and self.many:
            raise UsageError("--one and --class: only one of them")
        roster = read_roster(self.roster) if self.roster else None
        intake = Intake(self.one, self.many, known=roster.rows if roster else ())
        items = collect(self.paths, lab, self.out, _warn, intake)
        if roster is None:
            book = Gradebook(self.out, lab)
            return [replace(item, student=_as_before(item.student, book.grade(item.id))) for item in items]
        named = [replace(item, student=roster.student(item.id, item.student)) for item in items]
        for line in _oddities(roster, items, named):
            click.echo(f"{self.roster}: {line}", err=True)
        return named


def _warn(text: str) -> None:
    click.echo(one_line(text), err=True)


def _oddities(roster: Roster, items: Sequence[Item], named: Sequence[Item]) -> Iterator[str]:
    """What a person should know about a roster that does not fit the submissions."""
    pairs = [(item.id, item.student) for item in items]
    if unused := roster.unused(pairs):
        yield f"{len(unused)} of {len(roster.rows)} rows match no submission ({_some(unused)})"
    if lacking := [name for name, known in pairs if not roster.names(name, known)]:
        yield f"{len(lacking)} of {len(items)} submissions are not in the roster ({_some(lacking)})"
    by_student: dict[str, list[str]] = {}
    for item in named:
        if item.student is not None and item.student.id:
            by_student.setdefault(item.student.id, []).append(item.id)
    for student, theirs in by_student.items():
        if len(theirs) > 1:
            yield f"{printable(student)} has {len(theirs)} submissions ({_some(theirs)}); each is graded"


def _some(names: Sequence[str]) -> str:
    return ", ".join([*map(printable, names[:4]), *["..."][: len(names) > 4]])


def _as_before(student: Student | None, earlier: Grade | None) -> Student | None:
    """A roster's names stay when a later run is given none; whether it came late is the platform's to say."""
    if earlier is None or earlier.student is None:
        return student
    if student is None:
        return earlier.student
    told = student.model_dump(exclude={"id", "name", "members"})
    return earlier.student.model_copy(update=told)


@dataclass
class Summary:
    """How a run went."""

    total: int
    done: list[Done] = field(default_factory=list)
    interrupted: bool = False
    unshown: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """Submissions that have no grade through no fault of their own."""
        return sum(isinstance(done.result, Fault) for done in self.done)

    @property
    def status(self) -> int:
        """The exit status that the results lead to."""
        if self.faults:
            return max(done.result.status for done in self.done if isinstance(done.result, Fault))
        return GRADER if self.unshown else USAGE if self.unreadable else 0

    @property
    def unreadable(self) -> int:
        """Submissions that cannot be read."""
        return len(self.done) - self.graded - self.faults

    @property
    def graded(self) -> int:
        """Submissions that have a grade."""
        return sum(isinstance(done.result, Grade) for done in self.done)

    @property
    def kept(self) -> int:
        """Submissions that were graded before."""
        return sum(done.kept for done in self.done)

    def leave_out(self, names: Collection[str]) -> None:
        """Pass over submissions that people took out of all tables, whatever came of them."""
        before = len(self.done)
        self.done = [done for done in self.done if done.item.id not in names]
        self.total -= before - len(self.done)

    def message(self) -> str:
        """Why the exit status is not 0."""
        if self.interrupted:
            return f"interrupted; {self.graded} of {self.total} submissions graded; run it again to continue"
        if self.faults:
            again = "run it again to retry these; the others are kept"
            return f"{self.faults} of {self.total} submissions have no grade; {again}"
        if self.unshown:
            return f"{self.unshown} of {self.total} grades could not be shown; all of them are written"
        return f"{self.unreadable} of {self.total} submissions could not be read; the others were graded"


def grade_class(request: Request, *, verbose: bool, again: bool) -> Summary:
    """Grade, and show on the terminal how it goes."""
    lab, console = load_lab(), new_console()
    items = request.items(lab)
    grader = _grader(lab, request.options)
    summary = Summary(len(items))
    tables = verbose or len(items) <= FEW
    try:
        with _lanes(request, grader, len(items)) as ready, progress(len(items), console) as tell:
            outlines = Outlines(placeholders(lab))
            for done in grade_all(items, grader, request.out, ready, again, summary.told.append):
                summary.done.append(replace(done, result=outlines.of(done.result), earlier=None))
                tell(done)
                summary.unshown += not _shown(done, console, tables, verbose)
    except KeyboardInterrupt:
        summary.interrupted = True
    if summary.kept:
        console.print(f"{summary.kept} of {len(items)} were graded before and kept (--again regrades them)")
    dropped = Gradebook(request.out, lab).withdrawn({item.id: item.student for item in items})
    summary.leave_out(dropped)
    rows = _rows(items, summary.done)
    print_summary(rows, request.out, console)
    if len(rows) > 1:
        print_end(rows, request.out, console)
    if dropped:
        summary.told.append(f"withdrawn by you, and in no table: {some(sorted(map(printable, dropped)))}")
    if any(_may_have_lapsed(done.result) for done in summary.done):
        here = {item.id for item in items}
        gone = Gradebook(request.out, lab).read().lapsed
        count, who = lapsed_list({name: why for name, why in gone.items() if name in here})
        does = "1 mark no longer counts" if count == 1 else f"{count} marks no longer count"
        summary.told.append(f"{does}: {who}; convlab desk {request.out} marks them again")
    for line in summary.told:
        console.print(Text(line), soft_wrap=True)
    return summary


def _may_have_lapsed(result: Grade | str) -> bool:
    return isinstance(result, str) or any(question.again for question in result.questions)


def regrade_class(request: Request, apply: bool | None) -> Summary:
    """Run the questions again, show what would change, and write it if `apply`, or if the user agrees."""
    lab, console = load_lab(), new_console()
    grader = _grader(lab, request.options)
    if not request.out.is_dir():
        raise UsageError(f"--out {request.out}: no such folder; name the one that `convlab grade` wrote to")
    items = request.items(lab)
    summary = Summary(len(items))
    with Gradebook(request.out, lab) as book:
        with _lanes(request, grader, len(items)) as ready, progress(len(items), console) as tell:
            for done in BatchRun(items, grader, ready, book, again=True, graded_before=True).results():
                summary.done.append(done)
                tell(done)
                if not isinstance(done.result, Grade):
                    console.print(f"{done.item.id}: {done.result}", markup=False, highlight=False)
        summary.done.sort(key=lambda done: done.item.id)
        names = [question.id for question in lab.questions]
        chosen = [name for name in names if name in grader.selection]
        found = changes(summary.done)
        print_changes(found, chosen, summary.graded, console)
        if gone := lapsing(found, book.marks()):
            count, who = lapsed_list(gone)
            does = "1 mark would no longer count" if count == 1 else f"{count} marks would no longer count"
            console.print(Text(f"{does}: {who}"), soft_wrap=True)
        if _agreed(apply, len(found), console):
            written = write_all(summary.done, items, book, names)
            console.print(f"{written} grades written; the earlier ones are in {request.out}/<id>/history/")
    return summary


def _grader(lab: Lab, options: Options) -> Grader:
    """A grader that can do what is asked for. UsageError names the options that it cannot meet."""
    grader = Grader(lab, options)
    try:
        grader.verify()
    except OptionError as error:
        raise UsageError(f"{', '.join(FLAGS[name] for name in error.options)}: {error}") from None
    return grader


def _agreed(apply: bool | None, changed: int, console: Console) -> bool:
    """Whether to write: as the option says, or the user at the terminal."""
    if apply is None and _at_a_terminal():
        return click.confirm(f"{changed} submission{' changes' if changed == 1 else 's change'}. Apply?")
    if not apply:
        console.print("nothing was written" + (" (use --apply to write)" if apply is None else ""))
    return bool(apply)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


@contextmanager
def _lanes(request: Request, grader: Grader, items: int) -> Iterator[Sequence[Lane]]:
    if request.scheduler:
        from autograder.batch.cluster import remote_lanes

        with remote_lanes(request.scheduler, grader) as ready:
            yield ready
    else:
        jobs = min(request.jobs or cores(), max(items, 1))
        with lanes(grader, jobs, grader.lab.root) as ready:
            yield ready


def _shown(done: Done, console: Console, tables: bool, verbose: bool) -> bool:
    """Show one outcome; whether that could be done. What cannot be shown costs that table only."""
    try:
        _show(done, console, tables, verbose)
    except Exception as error:
        text = f"{printable(done.item.id)}: graded, but cannot be shown: {type(error).__name__}"
        console.print(text, markup=False, highlight=False)
        return False
    return True


def _show(done: Done, console: Console, tables: bool, verbose: bool) -> None:
    if isinstance(done.result, Fault):
        console.print(f"{done.item.id}: {done.result}", markup=False, highlight=False)
    elif isinstance(done.result, str):
        console.print(f"{done.item.id}: cannot be read: {done.result}", markup=False, highlight=False)
    elif tables:
        print_table(done.result, console, verbose=verbose)
        console.print()


def _rows(items: Sequence[Item], done: Sequence[Done]) -> list[Row]:
    """The outcomes in the order in which the submissions were found."""
    results = {one.item.id: one.result for one in done}
    return [(item.id, results[item.id]) for item in items if item.id in results]
