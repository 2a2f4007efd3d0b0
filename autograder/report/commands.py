"""The commands `convlab report` and `convlab written`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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

NEEDED = {
    "latex2mathml": "latex2mathml",
    "markdown_it": "markdown-it-py",
    "matplotlib": "matplotlib",
    "mdit_py_plugins": "mdit-py-plugins",
    "pygments": "pygments",
}
FOLDER = click.Path(path_type=Path, file_okay=False)
SHOWN = 10


def _need_packages() -> None:
    """UsageError when the packages that pages are made with are not installed."""
    lacking = [package for module, package in NEEDED.items() if find_spec(module) is None]
    if lacking:
        raise UsageError(f"pages need {', '.join(lacking)}: pip install 'convlab[report]'")


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
@click.option("--column", metavar="NAME", help="The assignment's name in Canvas [default: the lab's title].")
def report(out: Path, submissions: Path | None, known: Path | None, column: str | None) -> None:
    """Build the feedback pages and the class report.

    Reads OUT/<submission>/grade.json of every submission, at any time after `convlab grade OUT`. Writes
    OUT/<submission>/feedback.html for each student; OUT/report.html for staff; OUT/grades-canvas.csv, which
    Canvas's gradebook imports; and OUT/grades-gradescope.csv, with the columns of Gradescope's own export.

    Feedback shows what students may see once grades are published: never a check's details, and nothing of
    checks whose visibility is `hidden`. The other files are for staff.

    The exit status is 0, or 2 when a grade.json is broken (the others are still reported), a folder
    cannot be read, a page cannot be written, or another command is using OUT; 3 when one submission could not
    be shown for a reason that was not foreseen (the others are).
    """
    from autograder.gradebook import Gradebook

    _need_packages()
    if known is not None and submissions is None:
        raise click.UsageError("--known goes with --submissions.")
    lab = load_lab()
    book = Gradebook.existing(out)
    alike = _alike(submissions, known, lab)
    with book:
        results = book.read()
        faults = _write_pages(book, results, lab, alike, column)
    _report(results, alike)
    faults.refuse()
    if alike is not None and alike.faults:
        raise GraderError(_some([f"not compared: {text}" for text in alike.faults]))
    _refuse_broken(results)


def _alike(submissions: Path | None, known: Path | None, lab: Lab) -> Alikeness | None:
    from autograder.report.similarity import look

    return None if submissions is None else look(submissions, known, lab)


def _write_pages(
    book: Gradebook, results: Results, lab: Lab, alike: Alikeness | None, column: str | None
) -> Faults:
    """Write every page and table about the grades; what could not be shown of single submissions.

    Args:
        book: where they go; its lock is held.
        results: the grades, read while it was held.
        lab: the lab that was graded.
        alike: which submissions are alike, None where that was not asked for.
        column: the assignment's name in Canvas, None for the lab's title.
    """
    from autograder.gradebook import names
    from autograder.report.feedback import feedback_page
    from autograder.report.lms import canvas_csv, gradescope_csv
    from autograder.report.overview import overview_page

    for name in (*results.broken, *results.unreadable):
        book.remove_page(name)
    faults = Faults()
    with click.progressbar(sorted(results.grades.items()), label="Feedback") as bar:
        for name, grade in bar:
            with faults.of(results, name):
                book.write_pages({f"{name}/{names.FEEDBACK}": feedback_page(grade, lab)})
    book.write_pages(
        {
            names.CLASS_PAGE: _person_by_person(
                results, faults, lambda some: overview_page(some, lab, alike)
            ),
            names.CANVAS: canvas_csv(results, column or lab.title),
            names.GRADESCOPE: gradescope_csv(results),
        }
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


def _report(results: Results, alike: Alikeness | None) -> None:
    """Say what was written, and what is still open."""
    folder = results.folder
    click.echo(f"{len(results.grades)} x {folder}/<submission>/feedback.html; {folder / 'report.html'}")
    click.echo(f"{folder / 'grades-canvas.csv'}, {folder / 'grades-gradescope.csv'}")
    open_ones = [
        name
        for name, grade in results.grades.items()
        if any(question.verdict in (Verdict.UNGRADED, Verdict.NOT_RUN) for question in grade.questions)
    ]
    if open_ones:
        click.echo(f"{len(open_ones)} totals are incomplete: some questions are ungraded or were not run.")
    if alike is not None:
        click.echo(f"Pairs that are alike: {len(alike.pairs) + alike.more}; see {folder / 'report.html'}.")


def _refuse_broken(results: Results) -> None:
    """UsageError that names the grades that cannot be read."""
    if results.broken:
        raise UsageError(_some(list(results.broken.values())))


def _some(texts: Sequence[str]) -> str:
    """The first of some texts, a line each."""
    more = len(texts) - SHOWN
    return "\n".join([*map(one_line, texts[:SHOWN]), *([f"and {more} more"] if more > 0 else [])])


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
    book = Gradebook.existing(out)
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
def apply(out: Path, table: Path) -> None:
    """Apply points and comments from a completed table.

    Rows without points change nothing. If any line is wrong, every such line is reported and nothing is
    applied. Otherwise grade.json and results.json of these submissions and OUT/grades.csv are updated, and
    the previous grades are saved in OUT/<submission>/history/; run `convlab report OUT` to update the pages.
    Applying a table twice changes nothing. The exit status is 0, or 2 when something is wrong or
    another command is using OUT.
    """
    from autograder.gradebook import Gradebook
    from autograder.report import written as answers

    _need_packages()
    lab = load_lab()
    with Gradebook.existing(out) as book:
        given = answers.read_points(table, book.read(), lab)
        after = book.give(given, [question.id for question in lab.questions])
    count = sum(len(points) for points in given.values())
    click.echo(f"{count} answers of {len(given)} submissions have points now.")
    left = sum(q.verdict is Verdict.UNGRADED for g in after.grades.values() for q in g.questions)
    click.echo(
        f"{left} written answers are still ungraded." if left else "No written answer is left to grade."
    )
