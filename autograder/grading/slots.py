"""GPU slots: how many trainings use it at a time, over all processes of a user on this machine."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 0.05


class Slots:
    """`count` places, each a locked file: the system frees the place of a process however that ends.

    The folder is one for all runs of a user, since they share the GPU. OSError when it cannot be used.
    """

    def __init__(self, count: int, folder: Path | None = None) -> None:
        self._count = count
        self._folder = folder or Path(tempfile.gettempdir(), f"convlab-gpu-{os.getuid()}")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise PermissionError(f"{self._folder} is not a folder of this user")

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot; waits until one is free."""
        while (place := self._free()) is None:
            time.sleep(PAUSE)
        try:
            yield
        finally:
            os.close(place)

    def _free(self) -> int | None:
        for number in range(self._count):
            place = os.open(self._folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(place)
            else:
                return place
        return None
