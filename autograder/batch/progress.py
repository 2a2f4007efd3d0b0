"""How far a run is: a bar on a terminal, and a line every minute in a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

from autograder.batch.run import Done
from autograder.grade import Grade

EVERY = 60.0
"""Seconds between two lines in a log."""


@contextmanager
def progress(total: int, console: Console) -> Iterator[Callable[[Done], None]]:
    """A bar with the time left and the failures so far: call what it yields for each submission.

    Where there is no terminal, a line on standard error every minute says the same.
    """
    if not console.is_terminal:
        console = Console(stderr=True)
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failures]}"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        Remaining(),
    )
    shown = total > 1 and console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("grading", total=total, failures="")
        came, failed, kept = 0, 0, 0

        def tell(done: Done) -> None:
            nonlocal came, failed, kept
            came += 1
            kept += done.kept
            failed += not isinstance(done.result, Grade)
            bar.update(task, advance=1, failures=f"{failed} without a grade" if failed else "")

        started = time.monotonic()

        def line() -> str:
            passed, graded = time.monotonic() - started, came - kept
            left = f", about {passed / graded * (total - came) / 60:.0f} min left" if graded else ""
            without = f", {failed} without a grade" if failed else ""
            return f"grading: {came} of {total} after {passed / 60:.0f} min{without}{left}"

        with _now_and_then(line, console) if total > 1 and not shown else nullcontext():
            yield tell


@contextmanager
def _now_and_then(line: Callable[[], str], console: Console) -> Iterator[None]:
    """Print a line every `EVERY` seconds, whether anything is done meanwhile or not."""
    over = threading.Event()

    def report() -> None:
        while not over.wait(EVERY):
            console.print(line(), highlight=False, soft_wrap=True)

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
