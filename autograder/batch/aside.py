"""Grading from a thread of a Dask worker: in a helper process, for the sandbox needs a main thread."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from autograder.garbage import look_seldom
from autograder.sandbox import linux

_BOOT = "from autograder.batch.aside import serve; serve({channel})"
_own = threading.local()


class HelperDied(Exception):
    """The helper ended before it answered: killed, most often because memory ran out."""


class Helper:
    """A process with a warm grader. It ends when this one does: its channel closes then."""

    def __init__(self) -> None:
        self._channel, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT.format(channel=theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def perform(self, settings: bytes, order: bytes) -> bytes:
        """Let the helper carry out one order. HelperDied when it cannot answer."""
        try:
            self._channel.send_bytes(settings)
            self._channel.send_bytes(order)
            return self._channel.recv_bytes()
        except (EOFError, OSError):
            self.close()
            status = self._process.returncode
            raise HelperDied(f"the helper process ended with status {status}") from None

    def close(self) -> None:
        """End the helper."""
        self._channel.close()
        self._process.kill()
        self._process.wait()


def perform_aside(settings: bytes, order: bytes) -> bytes:
    """Carry out one order in this thread's own helper, which is restarted when it has died."""
    helper: Helper | None = getattr(_own, "helper", None)
    if helper is None:
        helper = _own.helper = Helper()
    try:
        return helper.perform(settings, order)
    except HelperDied:
        _own.helper = None
        raise


def serve(channel: int) -> None:
    """Carry out orders until the channel closes. To be called in the helper's main thread."""
    look_seldom()
    from autograder.batch.jobs import perform

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    with Connection(channel) as line:
        while True:
            try:
                settings = line.recv_bytes()
                order = line.recv_bytes()
            except (EOFError, OSError):
                return
            line.send_bytes(perform(settings, order))
