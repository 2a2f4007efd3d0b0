"""The `convlab` command."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from autograder import __version__
from autograder.audit.commands import audit
from autograder.desk.commands import desk
from autograder.desk.marks import marks
from autograder.garbage import look_seldom
from autograder.guard import GuardedGroup, Interrupted, refusal
from autograder.lab import load_lab
from autograder.release.commands import cut, release
from autograder.report.commands import report, written
from autograder.report.show import show

UNGRADED = ("audit", "cut", "doctor", "new", "release")
"""The commands that look at the lab or the machine."""
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=GuardedGroup, context_settings=SETTINGS, ungraded=UNGRADED)
@click.version_option(__version__, prog_name="convlab")
def main() -> None:
    """Auto-graded labs: build what students get, grade what they hand in.

    A lab is a folder with assignment/ and solutions/. Run the commands inside the lab's folder, or set
    CONVLAB_ROOT to it.

    \b
    Start a new lab              convlab new lab7
    Grade submissions            convlab grade submissions/ --out results
    Build the HTML reports       convlab report results
    List some submissions        convlab show results --where "grade is missing"
    Mark the written answers     convlab desk results
    ... or in a spreadsheet      convlab written --help
    Overrides, lateness, log     convlab marks --help
    Regenerate student/          convlab cut
    Build the three releases     convlab release
    Check this machine's sandbox convlab doctor
    Measure the checks           convlab audit
    """
    look_seldom()


def _split(context: click.Context, parameter: click.Parameter, value: str | None) -> frozenset[str] | None:
    if value is None:
        return None
    parts = frozenset(part.strip() for part in value.split(",") if part.strip())
    if not parts:
        raise click.BadParameter("name at least one question; put commas between several")
    return parts


def _places(command: Callable[..., None]) -> Callable[..., None]:
    """What is graded, and where the grades go."""
    for option in (
        click.option(
            "--roster",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="CSV",
            help="CSV that maps submissions to students: columns id (the platform's, or a submission's "
            "name), student, name.",
        ),
        click.option(
            "--one",
            is_flag=True,
            help="Each PATH is one submission, whatever is in it: never a download or a folder of several.",
        ),
        click.option(
            "--class",
            "many",
            is_flag=True,
            help="Each folder and archive in PATH is a submission, whatever is beside them.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("results"),
            show_default=True,
        ),
        click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."),
    ):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--only",
        callback=_split,
        metavar="QUESTION,...",
        help="Grade only these questions, separated by commas.",
    ),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(1, 1024),
        help="How many submissions are graded at a time [default: one per core].",
    ),
    click.option(
        "--device",
        type=click.Choice(["auto", "cpu", "cuda"]),
        default="auto",
        show_default=True,
        help="Where training questions run; auto uses CUDA if available. Everything else runs on the CPU.",
    ),
    click.option(
        "--gpu-slots",
        type=click.IntRange(1, 1024),
        help="How many submissions train on the GPU at a time [default: as many as --jobs].",
    ),
    click.option(
        "--data",
        type=click.Path(path_type=Path),
        envvar="CONVLAB_DATA",
        show_envvar=True,
        help="Folder of the full data set; without it, training questions use the lab's sample.",
    ),
    click.option(
        "--no-training",
        is_flag=True,
        help="Skip training questions; their points still count towards the maximum.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**31 - 1),
        help="Seed of the hidden inputs [default: from the submission].",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Grade on the workers of this Dask scheduler (see docs/cluster.md) instead of here.",
    ),
    click.option(
        "--unsafe-no-sandbox",
        "unsafe",
        is_flag=True,
        help="Grade even without full isolation; marks the grade UNSAFE.",
    ),
)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """How it is graded."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@main.command()
@_places
@_options
@click.option("-v", "--verbose", is_flag=True, help="Show every check, with details for staff.")
@click.option("--again", is_flag=True, help="Grade again even if nothing has changed.")
def grade(verbose: bool, again: bool, **settings: Any) -> None:
    """Grade one submission or a whole class.

    PATH is a submission (folder, zip or tar), a folder or archive of several, or a download from Gradescope,
    Canvas, Moodle, Blackboard, Brightspace, ILIAS, GitHub Classroom or Google Classroom (docs/platforms.md).
    Student code is read as text and run in a sandbox; nothing is extracted. Each submission gets
    OUT/<id>/grade.json and OUT/<id>/results.json (Gradescope's format); OUT/grades.csv lists all. The exit
    status is 0 when everything was graded, whatever the scores; 2 when an option is wrong or a submission
    cannot be read (the others are still graded); 3 when the grader itself failed.

    After an interruption, run the same command again to resume. A result is kept as long as the submission,
    checks, reference, seed, data and device stay the same. With --only or --no-training, the other questions
    keep their results in OUT if the work has not changed, so a later run without --no-training adds the
    training. A grade that changes is saved in OUT/<id>/history/ first.
    """
    from autograder.batch.commands import Request, grade_class

    summary = grade_class(Request(**settings), verbose=verbose, again=again)
    if summary.interrupted:
        raise Interrupted(summary.message())
    if summary.status:
        raise refusal(summary.message(), summary.status)


@main.command()
@_places
@_options
@click.option(
    "--apply/--dry-run",
    "apply",
    default=None,
    help="Write the new grades, or only show them, without asking.",
)
def regrade(apply: bool | None, **settings: Any) -> None:
    """Rerun questions for the whole class and show what would change.

    For when a check, its points or a threshold has changed: `convlab regrade submissions/ --out results
    --only QUESTION`. Every submission needs a grade in OUT for the same work; questions not named by --only
    stay unchanged. You are asked before anything is written, unless --apply or --dry-run says what to do;
    without a terminal to ask on, nothing is written. The old grades are saved in OUT/<id>/history/.
    """
    from autograder.batch.commands import Request, regrade_class

    summary = regrade_class(Request(**settings), apply)
    if summary.faults:
        raise refusal(summary.message(), summary.status)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
def new(path: Path) -> None:
    """Create a new lab, ready for `convlab release`.

    PATH must be empty or not exist yet; its last part becomes the lab's name. The new lab is small and has
    every part that a lab can have, except training and data. Change it into yours step by step, as
    docs/write-a-lab.md shows.
    """
    from autograder.release.new import new_lab

    lab = new_lab(path)
    click.echo(f"{path} holds a lab of {len(lab.questions)} questions.")
    click.echo(f"Next: cd {shlex.quote(str(path))} && convlab release")


@main.command()
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="Test the wider profile of a child that trains on CUDA, and compute there.",
)
def doctor(device: str) -> None:
    """Check how well this machine can isolate student code.

    Starts the sandbox, lists its layers, and tests each guarantee for real: can code in it read a planted
    secret, open a socket, start a process, write a file? The exit status is 0 when grading works here,
    3 when it would refuse.
    """
    from autograder.grading import Grader, Options
    from autograder.sandbox.doctor import diagnose

    console = Console(soft_wrap=True, highlight=False)
    findings = diagnose(device)
    for finding in findings:
        mark = "[green]yes[/green]" if finding.on else "[red]no [/red]"
        console.print(f"{mark} {escape(finding.name)}{': ' + escape(finding.why) if finding.why else ''}")
    with Grader(load_lab(), Options(training=False)):
        console.print("Grading works here.")


main.add_command(audit)
main.add_command(cut)
main.add_command(desk)
main.add_command(marks)
main.add_command(release)
main.add_command(report)
main.add_command(show)
main.add_command(written)

if __name__ == "__main__":
    main()
