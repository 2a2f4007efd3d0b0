"""The commands `convlab report` and `convlab written`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.grade import Verdict
from autograder.lab import Lab, LabError, load_lab
from autograder.text import one_line

if TYPE_CHECKING:
    from autograder.gradebook.reading import Results
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


class Refused(click.ClickException):
    """A folder or table that is not right: exit status 2."""

    exit_code = 2


@contextmanager
def _faults() -> Iterator[None]:
    """Turn what users get wrong into a message and exit status 2."""
    from autograder.gradebook.reading import ReportError
    from autograder.submission import SubmissionError

    lacking = [package for module, package in NEEDED.items() if find_spec(module) is None]
    if lacking:
        raise Refused(f"pages need {', '.join(lacking)}: pip install 'convlab[report]'")
    try:
        yield
    except (ReportError, SubmissionError, LabError) as error:
        raise Refused(str(error)) from None


@click.command()
@click.argument("out", type=FOLDER, metavar="OUT")
@click.option(
    "--submissions",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="What was handed in; with it, pairs of submissions that are alike are listed.",
)
@click.option(
    "--known", type=FOLDER, metavar="DIR", help="Known public answers, to compare submissions with as well."
)
@click.option("--column", metavar="NAME", help="The assignment's name in Canvas [default: the lab's title].")
def report(out: Path, submissions: Path | None, known: Path | None, column: str | None) -> None:
    """Write the feedback pages and the class report from the grades in OUT.

    Reads OUT/<submission>/grade.json of every submission, at any time after `convlab grade OUT`. Writes
    OUT/<submission>/feedback.html to hand back to each student; OUT/report.html for staff;
    OUT/grades-canvas.csv, which Canvas's gradebook imports; OUT/grades-gradescope.csv, in the columns of
    Gradescope's own export of grades.

    Feedback shows what students may see once grades are published: never a check's details, and nothing of
    checks whose visibility is `hidden`. The other files are for staff.

    The exit status is 0, or 2 when a grade.json is broken (the others are reported all the same), a folder
    cannot be read or a page cannot be written.
    """
    with _faults():
        from autograder.gradebook.reading import read_results

        if known is not None and submissions is None:
            raise click.UsageError("--known goes with --submissions.")
        lab = load_lab()
        results = read_results(out)
        alike = _alike(submissions, known, lab)
        _write_pages(results, lab, alike, column)
        _tell(results, alike)


def _alike(submissions: Path | None, known: Path | None, lab: Lab) -> Alikeness | None:
    from autograder.report.similarity import look

    return None if submissions is None else look(submissions, known, lab)


def _write_pages(results: Results, lab: Lab, alike: Alikeness | None, column: str | None) -> None:
    from autograder.gradebook.reading import write_all
    from autograder.report.feedback import feedback_page
    from autograder.report.lms import canvas_csv, gradescope_csv
    from autograder.report.overview import overview_page

    folder = results.folder
    for name in (*results.broken, *results.unreadable):
        _remove_stale(folder, name)
    with click.progressbar(sorted(results.grades.items()), label="Feedback") as bar:
        for name, grade in bar:
            write_all({folder / name / "feedback.html": feedback_page(grade, lab)})
    write_all(
        {
            folder / "report.html": overview_page(results, lab, alike),
            folder / "grades-canvas.csv": canvas_csv(results, column or lab.title),
            folder / "grades-gradescope.csv": gradescope_csv(results),
        }
    )


def _remove_stale(folder: Path, name: str) -> None:
    """Remove a page about a grade that is no more."""
    if Path(name).name == name:  # it was read from a table, and leads nowhere else
        with suppress(FileNotFoundError, NotADirectoryError):
            (folder / name / "feedback.html").unlink()


def _tell(results: Results, alike: Alikeness | None) -> None:
    folder = results.folder
    click.echo(f"{len(results.grades)} x {folder}/<submission>/feedback.html; {folder / 'report.html'}")
    click.echo(f"{folder / 'grades-canvas.csv'}, {folder / 'grades-gradescope.csv'}")
    open_ones = [
        name
        for name, grade in results.grades.items()
        if any(question.verdict in (Verdict.UNGRADED, Verdict.NOT_RUN) for question in grade.questions)
    ]
    if open_ones:
        click.echo(f"{len(open_ones)} totals are not complete: ungraded or not run questions remain.")
    if alike is not None:
        click.echo(f"Pairs that are alike: {len(alike.pairs) + alike.more}; see {folder / 'report.html'}.")
    _tell_broken(results)


def _tell_broken(results: Results) -> None:
    if results.broken:
        shown = [one_line(why) for why in results.broken.values()][:SHOWN]
        more = len(results.broken) - len(shown)
        raise Refused("\n".join([*shown, *([f"and {more} more"] if more else [])]))


@click.group()
def written() -> None:
    """Grade the written answers by hand: collect them, then take back points and comments.

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
    help="The page to write, a .html; or the table alone, a .csv [default: OUT/written.html].",
)
def collect(out: Path, page: Path | None) -> None:
    """Collect the written answers of the grades in OUT: a page to read, a table to fill in.

    The page holds the answers question by question with the rubric. The table, beside it, has a row per
    answer: submission, question, points, comment. Points and comments given before are in it already.
    The exit status is 0, or 2 when a grade.json is broken or a file cannot be written.
    """
    with _faults():
        from autograder.gradebook.reading import read_results, write_all
        from autograder.report import written as answers

        page = page or out / "written.html"
        if page.suffix not in (".html", ".csv"):
            raise click.UsageError(f"--out {page}: name a file that ends in .html or .csv.")
        lab = load_lab()
        results = read_results(out)
        collected = answers.collect(results, lab)
        files = {page.with_suffix(".csv"): answers.answers_csv(collected)}
        if page.suffix == ".html":
            files[page] = answers.answers_page(collected, lab)
        _keep_filled_in(page.with_suffix(".csv"), files[page.with_suffix(".csv")])
        write_all(files)
        click.echo(f"wrote {', '.join(str(path) for path in sorted(files))}")
        _tell_broken(results)


def _keep_filled_in(path: Path, text: str) -> None:
    """Refuse to write over a table in which somebody's points are that were not applied."""
    from autograder.report.written import would_lose

    if path.exists() and would_lose(path, text):
        raise Refused(f"{path}: holds points that were not applied; apply it, or name another with --out")


@written.command()
@click.argument("out", type=FOLDER, metavar="OUT")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False), metavar="CSV")
def apply(out: Path, table: Path) -> None:
    """Take points and comments of a filled-in table into the grades in OUT.

    Rows without points are left as they are. When a line is wrong, each such line is named and nothing is
    applied. Otherwise grade.json and results.json of these submissions and OUT/grades.csv are written anew;
    `convlab report OUT` then brings the pages up to date. Applying a table twice changes nothing.
    The exit status is 0, or 2 when something is wrong.
    """
    with _faults():
        from autograder.gradebook.reading import read_results
        from autograder.report import written as answers

        lab = load_lab()
        results = read_results(out)
        given = answers.read_points(table, results, lab)
        after = answers.apply(given, results, lab)
        count = sum(len(points) for points in given.values())
        click.echo(f"{count} answers of {len(given)} submissions have points now.")
        left = sum(q.verdict is Verdict.UNGRADED for g in after.grades.values() for q in g.questions)
        click.echo(f"{left} written answers are still ungraded." if left else "None is left ungraded.")
