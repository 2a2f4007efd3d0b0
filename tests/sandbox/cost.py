"""What an attack costs the grader's own process, in memory and CPU time: measured where it runs anyway."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 1 << 20
MOST = 700 * MIB
"""What the grader's own process may take, whatever comes back."""
ALONE = 320 * MIB
"""What it has without any attack. A process that runs tests has more, so what comes on top is measured."""


@contextmanager
def affordable(cpu_seconds: float) -> Iterator[None]:
    """AssertionError if this process takes more CPU time, or grows by more than a grader may."""
    before, started = _memory("VmRSS"), time.process_time()
    with contextlib.suppress(OSError):  # who may not is undumpable, and an ordinary user: the peak is older
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # has the kernel measure the peak from now on
    yield
    spent, grown = time.process_time() - started, _memory("VmHWM") - before
    assert grown < MOST - ALONE, f"the grader grew by {grown // MIB} MiB"
    assert spent < cpu_seconds, f"it took the grader {spent:.1f} CPU seconds"


def _memory(field: str) -> int:
    """A field of this process's status, in bytes."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) * 1024
