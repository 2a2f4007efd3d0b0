"""The `convlab` command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.markup import escape

from autograder import __version__
from autograder.assignment import AssignmentError, load_assignment
from autograder.audit.commands import audit
from autograder.release.commands import cut, release
from autograder.report.commands import report, written

GRADER_FAILED = 3
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Failed(click.ClickException):
    """The grader itself failed: exit status 3."""

    exit_code = GRADER_FAILED

    def format_message(self) -> str:
        """Say whose fault it is."""
        return f"the grader itself failed, not the submission: {self.message}"


class Usage(click.ClickException):
    """Bad usage, or something that cannot be read: exit status 2."""

    exit_code = 2


@contextmanager
def _faults() -> Iterator[None]:
    """Turn the package's exceptions into a message and an exit status."""
    from autograder.grading import GraderError, UsageError
    from autograder.submission import SubmissionError

    try:
        yield
    except (SubmissionError, UsageError) as error:
        raise Usage(str(error)) from None
    except (GraderError, AssignmentError) as error:
        raise Failed(str(error)) from None


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Run a command under `_faults`; anything unforeseen is the grader's own fault, and said so."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            with _faults():
                command(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("CONVLAB_TRACEBACK"):
                raise
            _unforeseen(error)

    return run


def _unforeseen(error: Exception) -> NoReturn:
    text = f"{type(error).__name__}: {error} (set CONVLAB_TRACEBACK=1 for the traceback)"
    raise Failed(text) from None


@click.group(context_settings=SETTINGS)
@click.version_option(__version__, prog_name="convlab")
def main() -> None:
    """Lab 6 (convolutions and CNNs) as an auto-graded assignment.

    \b
    Grade what was handed in     convlab grade submission.zip --out results
    Pages from the grades        convlab report results
    Grade the written answers    convlab written --help
    Write student/ anew          convlab cut
    Build the three releases     convlab release
    See what isolates here       convlab doctor
    Measure the grader itself    convlab audit
    """


def _split(context: click.Context, parameter: click.Parameter, value: str | None) -> frozenset[str] | None:
    if value is None:
        return None
    parts = frozenset(part.strip() for part in value.split(",") if part.strip())
    if not parts:
        raise click.BadParameter("name at least one question, as in --only q2_1,q2_2")
    return parts


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("results"), show_default=True
)
@click.option(
    "--only", callback=_split, metavar="q2_1,...", help="Grade these questions; the others are not run."
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where q1_7 trains; auto takes CUDA when there is one. All else runs on the CPU.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="CONVLAB_DATA",
    show_envvar=True,
    help="Folder of the whole MNIST (with MNIST/raw/); without it q1_7 trains on the bundled sample.",
)
@click.option(
    "--no-training", is_flag=True, help="Leave q1_7 out: it is not run, its points stay in the maximum."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    help="Seed of the hidden inputs [default: from the submission].",
)
@click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Grade although isolation is missing; stamped on the grade.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every check, with staff's details.")
@_guarded
def grade(
    paths: tuple[Path, ...],
    out: Path,
    only: frozenset[str] | None,
    device: str,
    data: Path | None,
    no_training: bool,
    seed: int | None,
    unsafe: bool,
    verbose: bool,
) -> None:
    """Grade submissions: folders or zips, or a folder of several.

    The four modules are read as text and run in a sandbox; nothing is extracted. For each submission
    OUT/<id>/grade.json and OUT/<id>/results.json (Gradescope's format) are written, and OUT/grades.csv
    for all. The exit status is 0 when everything was graded, whatever the scores, 2 when an option is wrong
    or a submission cannot be read (the others are graded all the same), 3 when the grader itself failed.
    """
    from autograder.batch import collect, grade_all
    from autograder.grading import Grader, Options
    from autograder.report import new_console, print_summary, print_table

    assignment = load_assignment()
    options = Options(only, device, data, not no_training, seed, unsafe)
    console, rows = new_console(), []
    items = collect(paths, assignment, out)
    with Grader(assignment, options) as grader:
        for name, result in grade_all(items, grader, out):
            rows.append((name, result))
            if isinstance(result, str):
                console.print(f"{name}: cannot be read: {result}", markup=False, highlight=False)
            else:
                print_table(result, console, verbose=verbose)
                console.print()
    print_summary(rows, out, console)
    unreadable = sum(isinstance(result, str) for _, result in rows)
    if unreadable:
        raise Usage(f"{unreadable} of {len(rows)} submissions could not be read; the others were graded")


@main.command()
@_guarded
def doctor() -> None:
    """Tell what isolates student code on this machine.

    Starts the sandbox, names its layers, and tries each of its promises for real: whether code in it can
    read a planted secret, open a socket, start a process, write a file. The exit status is 0 when grading
    can go on here, 3 when it would refuse.
    """
    from autograder.sandbox.doctor import diagnose

    console = Console(soft_wrap=True, highlight=False)
    findings = diagnose()
    for finding in findings:
        mark = "[green]yes[/green]" if finding.on else "[red]no [/red]"
        console.print(f"{mark} {escape(finding.name)}{': ' + escape(finding.why) if finding.why else ''}")
    _refuse_where_grading_would()


def _refuse_where_grading_would() -> None:
    from autograder.grading import Grader, Options

    with Grader(load_assignment(), Options(training=False)):
        Console().print("Grading works here.")


main.add_command(audit)
main.add_command(cut)
main.add_command(release)
main.add_command(report)
main.add_command(written)

if __name__ == "__main__":
    main()
