"""Ctrl-C for processes that tests start."""

from __future__ import annotations

import signal


def hears_ctrl_c() -> None:
    """For `preexec_fn`: a shell's `&` has SIGINT ignored, by all that is started from there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
