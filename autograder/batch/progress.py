"""How far a run is, on a terminal; silent anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

from autograder.batch.run import Done
from autograder.grade import Grade


@contextmanager
def progress(total: int, console: Console) -> Iterator[Callable[[Done], None]]:
    """A bar with the time left and the failures so far: call what it yields for each submission."""
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
        failed = 0

        def tell(done: Done) -> None:
            nonlocal failed
            failed += not isinstance(done.result, Grade)
            bar.update(task, advance=1, failures=f"{failed} without a grade" if failed else "")

        yield tell
