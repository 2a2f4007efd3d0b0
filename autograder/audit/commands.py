"""The command `convlab audit`."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
from rich.progress import track

from autograder.files import write_all_or_nothing
from autograder.lab import load_lab


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/audit"),
    show_default=True,
    help="Folder for audit.md and audit.json.",
)
@click.option(
    "--seeds", type=click.IntRange(1), default=5, show_default=True, help="Number of seeds for each case."
)
@click.option(
    "--jobs", type=click.IntRange(1), help="Cases at a time [default: one more than there are cores]."
)
@click.option(
    "--only", metavar="TEXT", help="Only cases whose name contains this, such as a question or a function."
)
@click.option("--no-mutants", is_flag=True, help="Only solutions that people wrote: no mutants, no variants.")
@click.option(
    "--all-mutants",
    is_flag=True,
    help="All mutants of ten wheats per function and eight variants of every wheat, not a sample of them.",
)
def audit(
    out: Path, seeds: int, jobs: int | None, only: str | None, no_mutants: bool, all_mutants: bool
) -> None:
    """Measure the checks on right and wrong solutions.

    Grades the right solutions in assignment/audit/wheats, the wrong ones in assignment/audit/chaffs and in
    the bank of known mistakes, and mutants of the reference, each under several seeds; under two seeds
    mutants of the right ones, and variants that mean the same. Writes the kill table.
    The exit status is 0; 1 when a right solution lost points, a wrong one was accepted, a message named
    the wrong mistake, or a mistake in one question cost points in another; 2 when a case cannot be used, 3
    when the grader itself failed.
    """
    from autograder.audit.cases import EVERYTHING, SAMPLE, load_cases
    from autograder.audit.page import page, summary
    from autograder.audit.running import run_cases
    from autograder.audit.table import tabulate
    from autograder.contract import read_contract, read_pitfalls

    lab = load_lab()
    read_contract(lab)  # what is wrong with these two is said before anything takes long
    read_pitfalls(lab)
    if no_mutants and all_mutants:
        raise click.UsageError("--no-mutants and --all-mutants exclude each other; choose one")
    made = None if no_mutants else EVERYTHING if all_mutants else SAMPLE
    cases = load_cases(lab, with_mutants=not no_mutants, made=made)
    cases = [case for case in cases if not only or only in f"{case.id} {case.question}"]
    if not cases:
        raise click.UsageError(f"no case matches {only!r}; {lab.cases} holds them")
    started = time.monotonic()
    running = run_cases(lab.root, cases, seeds, jobs or len(os.sched_getaffinity(0)) + 1)
    results = sorted(track(running, "Auditing", len(cases), transient=True), key=lambda r: r.case.id)
    found = tabulate(results, lab, seeds, time.monotonic() - started)
    table = found.model_dump_json(indent=2) + "\n"
    write_all_or_nothing({out / "audit.json": table, out / "audit.md": page(found)})
    for failure in found.failures:
        click.echo(f"{failure.case} ({failure.about}): {failure.problem}", err=True)
        click.echo(failure.diff, err=True, nl=bool(failure.diff))
    click.echo(f"{summary(found)}\n{found.seconds:g} s. The table is in {out / 'audit.md'}.")
    if found.failures:
        raise click.exceptions.Exit(1)
