"""The commands `convlab cut` and `convlab release`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.files import write_whole
from autograder.lab import find_root, load_lab


@click.command()
@click.argument("template", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", is_flag=True, help="Write nothing; say whether student/ is up to date.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for question/ and solution/ of TEMPLATE.",
)
def cut(template: Path | None, check: bool, out: Path | None) -> None:
    """Write student/ anew from solutions/ and assignment/.

    With a TEMPLATE (.md or .py, marked as the lab's own sources are) and --out DIR, cut that one into
    DIR/question/ and DIR/solution/: a .py becomes a .py, jupytext Markdown a notebook.

    The exit status is 0, or 1 when --check found student/ out of date, or 2 when a template is wrong.

    \b
    Markers, each on a line of its own:
      #!TAG HWBEGIN          an answer begins
      #!MSG text             tells the student what to do; stays, as a comment
      #!TAG HWEND            the answer ends
      #!TAG SKIPQUESTEXEC    the cell may fail while answers are missing
    """
    if template is None:
        _cut_lab(check, out)
    else:
        _cut_template(template, check, out)


def _cut_lab(check: bool, out: Path | None) -> None:
    from autograder.release.sources import cut_lab
    from autograder.release.student import differences, student_files, write

    if out is not None:
        raise click.UsageError("--out goes with a TEMPLATE; the lab itself is cut into student/.")
    lab = load_lab()
    folder = lab.student
    files = student_files(cut_lab(lab))
    changes = differences(files, folder)
    table = files[f"{lab.name}/public/mistakes.json"]
    if not check and (not lab.mistakes.is_file() or lab.mistakes.read_bytes() != table):
        lab.mistakes.write_bytes(table)
        click.echo(f"wrote {lab.mistakes}")
    for line in changes:
        click.echo(f"student/{line}")
    if check and changes:
        click.echo("student/ is out of date; run `convlab cut`.", err=True)
        raise click.exceptions.Exit(1)
    if changes:
        write(files, folder)
    click.echo(f"student/ {'is put right' if changes else 'is up to date'}: {len(files)} files.")


def _cut_template(template: Path, check: bool, out: Path | None) -> None:
    from autograder.release.template import cut_template

    if check:
        raise click.UsageError("--check looks at student/ and takes no TEMPLATE.")
    if out is None:
        raise click.UsageError("say with --out DIR where the question and the solution go.")
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
    help="Test the lab's own code although isolation is missing on this machine.",
)
def release(out: Path, unsafe: bool) -> None:
    """Build student.zip, autograder.zip and solutions.zip.

    Before anything is written, this proves: the reference gets every point; the untouched stubs get none
    and run; student/ is what `convlab cut` makes; and no file that students get holds a line of an answer,
    the name of a hidden check, anything of held-out data, or a marker, not even in a notebook's outputs.
    What does not hold is named with its place.

    The same sources give the same bytes. The exit status is 0, or 1 when something does not hold, or 2 when
    a source cannot be read or cut, or 3 when the grader itself failed.
    """
    from autograder.grading import Options
    from autograder.release.build import NotReleased
    from autograder.release.build import release as build_release

    try:
        build_release(find_root(), out, Options(device="cpu", unsafe=unsafe), click.echo)
    except NotReleased as error:
        click.echo(f"{error}\nNothing was written.", err=True)
        raise click.exceptions.Exit(1) from None
