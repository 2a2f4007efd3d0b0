"""The commands `convlab cut` and `convlab release`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.files import write_whole
from autograder.lab import find_root, load_lab

if TYPE_CHECKING:
    from autograder.release.sources import CutLab


@click.command()
@click.argument("template", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; list slips in the sources, and files of student/ that are out of date.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for question/ and solution/ of TEMPLATE.",
)
def cut(template: Path | None, check: bool, out: Path | None) -> None:
    """Regenerate student/, otter_config.json and docs/contract.md.

    All are made from solutions/ and assignment/. With a TEMPLATE (.md or .py, marked like the lab's own
    sources) and --out DIR, cut only that file into DIR/question/ and DIR/solution/: a .py becomes a .py,
    jupytext Markdown a notebook.

    The exit status is 0, 1 when --check found something, or 2 when a source is wrong.

    \b
    Markers, each on a line of its own:
      #!TAG HWBEGIN          an answer begins
      #!MSG text             what the student is to do; stays, as a comment
      #!TAG HWEND            the answer ends
      #!TAG SKIPQUESTEXEC    the cell may fail while answers are missing
    """
    if template is None:
        _cut_lab(check, out)
    else:
        _cut_template(template, check, out)


def _cut_lab(check: bool, out: Path | None) -> None:
    from autograder.errors import LabError
    from autograder.release.build import stale
    from autograder.release.slips import find_slips
    from autograder.release.sources import cut_lab

    if out is not None:
        raise click.UsageError("--out goes with a TEMPLATE; the lab itself is cut into student/.")
    made = cut_lab(load_lab())
    slips = find_slips(made)
    if any(slip.stops for slip in slips):
        raise LabError("\n".join(str(slip) for slip in slips if slip.stops or check))
    if not check:
        _write_lab(made)
        return
    problems = [*map(str, slips), *stale(made)]
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("student/ is up to date.")


def _write_lab(made: CutLab) -> None:
    """Write student/ and the other files that are made from the lab's sources."""
    from autograder.checking.catalog import catalog
    from autograder.contract import page_bytes
    from autograder.otter.config import CONFIG_NAME
    from autograder.otter.generate import otter_config_bytes
    from autograder.release.student import differences, same, student_files, write

    lab = made.lab
    files = student_files(made)
    generated = {
        lab.mistakes: files[f"{lab.name}/public/mistakes.json"],
        lab.root / CONFIG_NAME: otter_config_bytes(lab, catalog(lab)),
    }
    if (contract := page_bytes(lab)) is not None:
        generated[lab.contract_page] = contract
    for path, data in generated.items():
        if not path.is_file() or not same(path.read_bytes(), data):
            write_whole(path, data)
            click.echo(f"wrote {path}")
    changes = differences(files, lab.student)
    for line in changes:
        click.echo(f"student/{line}")
    if changes:
        write(files, lab.student)
    click.echo(f"student/ {'updated' if changes else 'is up to date'}: {len(files)} files.")


def _cut_template(template: Path, check: bool, out: Path | None) -> None:
    from autograder.release.template import cut_template

    if check:
        raise click.UsageError("--check looks at student/ and takes no TEMPLATE.")
    if out is None:
        raise click.UsageError("a TEMPLATE needs --out DIR, where the question and the solution go.")
    for name, content in cut_template(template).items():
        path = out / name
        write_whole(path, content)
        click.echo(f"wrote {path}")


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dist"),
    show_default=True,
    help="Folder for the zips and their MANIFEST.json.",
)
@click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Run the self-test even without full isolation on this machine.",
)
def release(out: Path, unsafe: bool) -> None:
    """Build student.zip, autograder.zip and solutions.zip.

    First it checks the sources and lists every slip: a question without checks or without its cell, a share
    that is not above 0, a missing file, a time budget that does not fit, and the like. Then, before anything
    is written, it verifies that the reference gets every point; that the untouched stubs run and get none;
    that stand-ins pass the checks of their own questions, and known mistakes do not; that student/ is what
    `convlab cut` makes; and that no file for students contains a line of an answer, the name of a hidden
    check, held-out data or a marker, not even in a notebook's outputs. Whatever does not hold is reported
    with its location.

    The same sources give the same bytes. The exit status is 0, 1 when something does not hold, 2 when a
    source cannot be read or cut, or 3 when the grader itself failed.
    """
    from autograder.grading import Options
    from autograder.release.build import NotReleased
    from autograder.release.build import release as build_release

    try:
        build_release(find_root(), out, Options(device="cpu", unsafe=unsafe), click.echo)
    except NotReleased as error:
        click.echo(f"{error}\nNothing was written.", err=True)
        raise click.exceptions.Exit(1) from None
