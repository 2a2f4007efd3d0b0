"""The commands `convlab report` and `convlab written`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.errors import ConvlabError, GraderError, UsageError
from autograder.files import write_all_or_nothing
from autograder.grade import Verdict
from autograder.lab import Lab, load_lab
from autograder.text import cut, one_line

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook, Results
    from autograder.report.similarity import Alikeness
    from autograder.report.written import Plan

NEEDED = {
    "latex2mathml": "latex2mathml",
    "markdown_it": "markdown-it-py",
    "matplotlib": "matplotlib",
    "mdit_py_plugins": "mdit-py-plugins",
    "pygments": "pygments",
}
RETURNS = ("moodle", "canvas", "blackboard", "brightspace", "ilias", "gradescope", "mail")
"""The forms of `returning`, which is imported only where it is needed."""
FOLDER = click.Path(path_type=Path, file_okay=False)
SHOWN = 10
MAX_ERRORS = 20


def _need_packages() -> None:
    """UsageError when the packages that pages are made with are not installed."""
    lacking = [package for module, package in NEEDED.items() if find_spec(module) is None]
    if lacking:
        raise UsageError(f"pages need {', '.join(lacking)}: pip install {' '.join(lacking)}")


@click.command()
@click.argument("out", type=FOLDER, metavar="OUT")
@click.option(
    "--submissions",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of submissions; lists the pairs that are alike.",
)
@click.option(
    "--known",
    type=FOLDER,
    metavar="DIR",
    help="Folder of published answers, to compare submissions with as well.",
)
@click.option(
    "--column",
    metavar="NAME",
    help="The assignment's name in Canvas or Blackboard [default: the lab's title].",
)
@click.option(
    "--return",
    "back",
    multiple=True,
    type=click.Choice(RETURNS),
    help="Also put everyone's feedback into the form in which this platform takes it back.",
)
def report(
    out: Path, submissions: Path | None, known: Path | None, column: str | None, back: tuple[str, ...]
) -> None:
    """Build the feedback pages and the class report.

    Reads OUT/<submission>/grade.json of every submission, at any time after `convlab grade OUT`. Writes
    OUT/<submission>/feedback.html for each student; OUT/report.html for staff; OUT/grades-canvas.csv, which
    Canvas's gradebook imports; and OUT/grades-gradescope.csv, with the columns of Gradescope's own export.

    With --return, OUT/return-PLATFORM.zip, or a folder, holds the feedback for everyone, and a table the
    points where the platform takes one (docs/platforms.md). Where someone has several hand-ins that count,
    no table is written, and who that is is named.

    Feedback shows what students may see once grades are published: never a check's details, and nothing of
    checks whose visibility is `hidden`. The other files are for staff.

    The exit status is 0, or 2 when a grade.json is broken (the others are still reported), a folder
    cannot be read, a page cannot be written, or another command is using OUT; 3 when one submission could not
    be shown for a reason that was not foreseen (the others are).
    """
    from autograder.gradebook import Gradebook
    from autograder.report.people import TwiceError

    _need_packages()
    if known is not None and submissions is None:
        raise click.UsageError("--known goes with --submissions.")
    lab = load_lab()
    book = Gradebook.existing(out, lab)
    alike = _alike(submissions, known, lab, out)
    with book:
        results = book.renewed()
        faults = _write_pages(book, results, lab, alike)
        written: list[str] = []
        twice: UsageError | None = None
        try:
            written = _write_tables(book, results, lab, faults, column or lab.title, back)
        except TwiceError as error:
            twice = error
    _report(results, alike, written)
    faults.refuse()
    if twice is not None:
        raise twice
    if alike is not None and alike.faults:
        raise GraderError(_some([f"not compared: {text}" for text in alike.faults]))
    _refuse_broken(results)


def _alike(submissions: Path | None, known: Path | None, lab: Lab, out: Path) -> Alikeness | None:
    from autograder.report.similarity import look

    return None if submissions is None else look(submissions, known, lab, out)


def _write_tables(
    book: Gradebook, results: Results, lab: Lab, faults: Faults, column: str, back: Sequence[str]
) -> list[str]:
    """Write the tables for platforms, and what goes back to the students; what to say of it.

    Args:
        book: where they go; its lock is held.
        results: the grades, read while it was held.
        lab: the lab that was graded.
        faults: takes up whose row could not be made.
        column: the assignment's name on the platform.
        back: in which forms feedback goes back.
    """
    from autograder.gradebook import names
    from autograder.report.lms import canvas_csv, gradescope_csv
    from autograder.report.people import refuse_twice
    from autograder.report.returning import returned

    refuse_twice(results)
    tables = {
        names.CANVAS: canvas_csv(results, column, faults),
        names.GRADESCOPE: gradescope_csv(results, faults),
    }
    book.write_pages(tables)
    lines = [f"{results.folder / names.CANVAS}, {results.folder / names.GRADESCOPE}"]
    pages = {}
    for name in results.grades if back else ():
        with suppress(OSError):
            pages[name] = (results.folder / name / names.FEEDBACK).read_text("utf-8")
    for form in back:
        found = returned(form, results, pages, lab, column)
        book.write_pages(found.files)
        places = [path for path in found.files if not path.endswith(".html")]
        lines.append(f"{', '.join(str(results.folder / path) for path in places)}: for {found.people}")
        reasons: dict[str, list[str]] = {}
        for name, why in sorted(found.left_out.items()):
            reasons.setdefault(why, []).append(one_line(name))
        lines += [f"  not for {len(who)}: {why} ({_few(who)})" for why, who in reasons.items()]
        lines.append(f"  {found.next_step}")
    return lines


def _few(names: Sequence[str]) -> str:
    return ", ".join([*names[:5], *(["..."] if len(names) > 5 else [])])


def _write_pages(book: Gradebook, results: Results, lab: Lab, alike: Alikeness | None) -> Faults:
    """Write every page about the grades; what could not be shown of single submissions.

    Args:
        book: where they go; its lock is held.
        results: the grades, read while it was held.
        lab: the lab that was graded.
        alike: which submissions are alike, None where that was not asked for.
    """
    from autograder.gradebook import names
    from autograder.report.feedback import feedback_page
    from autograder.report.overview import overview_page

    for name in (*results.broken, *results.unreadable, *results.aside):
        book.remove_page(name)
    faults = Faults()
    with click.progressbar(sorted(results.grades.items()), label="Feedback") as bar:
        for name, grade in bar:
            with faults.of(results, name):
                book.write_pages({f"{name}/{names.FEEDBACK}": feedback_page(grade, lab)})
    book.write_pages(
        {names.CLASS_PAGE: _person_by_person(results, faults, lambda some: overview_page(some, lab, alike))}
    )
    return faults


class Faults(dict[str, str]):
    """What went wrong with single submissions, by their names, though it should not have."""

    @contextmanager
    def of(self, results: Results, name: str) -> Iterator[None]:
        """An unforeseen exception is this submission's only; the report says so in its row."""
        try:
            yield
        except ConvlabError:
            raise
        except Exception as error:
            self[name] = f"{one_line(name)}: cannot be shown: {type(error).__name__}: {cut(str(error), 200)}"
            results.faults[name] = self[name]

    def refuse(self) -> None:
        """GraderError that names them, where there are any."""
        if self:
            raise GraderError(_some(list(self.values())))


def _person_by_person(results: Results, faults: Faults, make: Callable[[Results], str]) -> str:
    """A page on all submissions; where one of them makes that impossible, on all but this one."""
    try:
        return make(results)
    except Exception:
        kept = {}
        for name, grade in results.grades.items():
            with faults.of(results, name):
                make(replace(results, grades={name: grade}))
                kept[name] = grade
        return make(replace(results, grades=kept))


def _report(results: Results, alike: Alikeness | None, written: Sequence[str]) -> None:
    """Say what was written, and what is still open."""
    from autograder.report.people import absent_lines, lapsed_list, late_lines

    folder = results.folder
    click.echo(f"{len(results.grades)} x {folder}/<submission>/feedback.html; {folder / 'report.html'}")
    for line in written:
        click.echo(line)
    open_ones = [
        name
        for name, grade in results.grades.items()
        if any(question.verdict in (Verdict.UNGRADED, Verdict.NOT_RUN) for question in grade.questions)
    ]
    if open_ones:
        click.echo(f"{len(open_ones)} totals are incomplete: some questions are ungraded or were not run.")
    for line in late_lines(results.unsure):
        click.echo(f"{line}; see `convlab marks late --help`.")
    if results.lapsed:
        count, who = lapsed_list(results.lapsed)
        click.echo(f"To be marked again ({count}): {who}.")
    for line in absent_lines(results.absent, results.strangers):
        click.echo(line)
    if alike is not None:
        others = sorted(set(alike.names) - {*results.grades, *results.unreadable, *results.aside})
        if others:
            click.echo(f"{len(others)} of {len(alike.names)} compared are not in {folder} ({_few(others)}).")
        click.echo(f"Pairs that are alike: {len(alike.pairs) + alike.more}; see {folder / 'report.html'}.")


def _refuse_broken(results: Results) -> None:
    """UsageError that names the grades that cannot be read."""
    if results.broken:
        raise UsageError(_some(list(results.broken.values())))


def _some(texts: Sequence[str], most: int = SHOWN) -> str:
    """The first of some texts, a line each."""
    more = len(texts) - most
    return "\n".join([*map(one_line, texts[:most]), *([f"and {more} more"] if more > 0 else [])])


@click.group()
def written() -> None:
    """Grade the written answers by hand.

    Collect them, fill in points and comments, and apply these to the grades.

    \b
    convlab written collect results         writes results/written.html and results/written.csv
    convlab written apply results results/written.csv
    """


@written.command()
@click.argument("out", type=FOLDER, metavar="OUT")
@click.option(
    "--out",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page to write, a .html; or only the table, a .csv [default: OUT/written.html].",
)
def collect(out: Path, page: Path | None) -> None:
    """Collect the answers: a page to read, a table to fill in.

    The page shows the answers question by question, with the rubric. The table next to it has a row per
    answer: submission, question, points, comment. It includes points and comments given earlier.
    The exit status is 0, or 2 when a grade.json is broken, a file cannot be written, or the files go into
    OUT while another command is using it.
    """
    from autograder.gradebook import Gradebook
    from autograder.gradebook.names import WRITTEN_PAGE
    from autograder.report import written as answers

    _need_packages()
    page = page or out / WRITTEN_PAGE
    if page.suffix not in (".html", ".csv"):
        raise click.UsageError(f"--out {page}: name a file that ends in .html or .csv.")
    lab = load_lab()
    book = Gradebook.existing(out, lab)
    with _for_writing(book, page):
        results = book.read()
        collected = answers.collect(results, lab)
        table = page.with_suffix(".csv")
        files = {table: answers.answers_csv(collected)}
        if page.suffix == ".html":
            files[page] = answers.answers_page(collected, lab)
        if table.exists() and answers.would_lose(table, files[table]):
            raise UsageError(
                f"{table}: has points that were not applied; apply it first, or choose another file by --out"
            )
        write_all_or_nothing(files)
    click.echo(f"wrote {', '.join(str(path) for path in sorted(files))}")
    _refuse_broken(results)


@contextmanager
def _for_writing(book: Gradebook, page: Path) -> Iterator[None]:
    """The lock, where the page goes into the results folder; to read the grades none is needed."""
    if page.resolve().parent == book.folder.resolve():
        with book:
            yield
    else:
        yield


@written.command()
@click.argument("out", type=FOLDER, metavar="OUT")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False), metavar="CSV")
@click.option(
    "--as", "who", metavar="NAME", help="Who gave these points [default: CONVLAB_MARKER or your user name]."
)
@click.option("--override", is_flag=True, help="Also replace other people's marks, without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
def apply(out: Path, table: Path, who: str | None, override: bool, dry_run: bool) -> None:
    """Apply points and comments from a completed table.

    First shows what changes, and asks before it replaces marks that other people gave. Rows without points
    change nothing. A row that cannot be applied is reported with its line and costs only that row: points
    that do not fit, an answer that is no longer the one in the table, or a mark given since the table was
    written. Marks go into OUT/marks.sqlite at once, even while `convlab grade` runs; grade.json, results.json
    and grades.csv follow. Run `convlab report OUT` to update the pages. Applying a table twice changes
    nothing. The exit status is 0, or 2 when a row was not applied.
    """
    from autograder.gradebook import Gradebook, marker
    from autograder.report import written as answers

    _need_packages()
    lab, name = load_lab(), marker(who)
    book = Gradebook.existing(out, lab)
    plan = answers.read_points(table, book.read(), lab, book.marks())
    _announce(plan, name)
    if dry_run:
        click.echo("Nothing was applied (--dry-run).")
    else:
        _keep_others(plan, name, override)
        _apply(book, plan, name, lab)
    if plan.faults:
        told = _some(plan.told(), MAX_ERRORS)
        raise UsageError(f"{told}\nRows that were not applied: {len(plan.faults)}.")


def _announce(plan: Plan, who: str) -> None:
    """Say what a table changes, other people's marks by name, before anything is changed."""
    new = sum(change.before is None for change in plan.changes)
    same = f", {plan.same} as they are" if plan.same else ""
    click.echo(f"{new} new marks, {len(plan.changes) - new} changed{same}, by {who}.")
    over = plan.over(who)
    own = [change for change in plan.changes if change.before is not None and change not in over]
    for change in own:
        click.echo(f"  {change.told()}")
    if over:
        click.echo(f"{len(over)} marks of other people would be replaced:")
    for change in over:
        click.echo(f"  {change.told()}")


def _keep_others(plan: Plan, who: str, override: bool) -> None:
    """Take the changes of other people's marks out of a plan, unless they were agreed to."""
    over = plan.over(who)
    if not over or override:
        return
    if sys.stdin.isatty() and click.confirm(f"Replace {len(over)} marks of other people?"):
        return
    for change in over:
        told = f"column points: {change.told()}; --override replaces other people's marks"
        plan.faults.append((change.line, told))
        plan.changes.remove(change)


def _apply(book: Gradebook, plan: Plan, who: str, lab: Lab) -> None:
    """Keep the marks of a plan, and say how many there are and what is left."""
    from autograder.report.left import placeholders, to_mark

    lines = {change.wish: change.line for change in plan.changes}
    kept, refused = book.mark([change.wish for change in plan.changes], who, "table")
    plan.faults += [(lines[it.wish], f"column points: {it.why}") for it in refused]
    settled = book.settle()
    click.echo(
        f"{len(kept)} answers of {len({mark.submission for mark in kept})} submissions have new points."
    )
    if settled.holder and kept:
        told = "the grades will have them when it is done"
        click.echo(f"The marks are saved. {settled.holder} is writing in {book.folder}; {told}.")
    left = to_mark(book.read().grades.values(), placeholders(lab))
    still = f"{left.count} written answers are still ungraded{left.told}."
    click.echo(still if left.count else "No written answer is left to grade.")
