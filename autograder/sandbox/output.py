"""What student code prints: read all the time so that it never blocks, kept up to a limit, cleaned."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from autograder.text import visible

_FRAME = re.compile(r"(\w{1,80})\.py, line (\d{1,6})(?:, in ([\w.<>]{1,80}))?: .*")
_FRAMES = 9
_DUMPED = re.compile(r'^  File "(\w{1,80}\.py)", line (\d{1,6}) in ([\w.<>]{1,80})$', re.MULTILINE)
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,16}\b")
_NAMELESS = {"<module>", "<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}


class Output:
    """The reading end of a child's stdout and stderr; keeps the first bytes and counts the rest."""

    def __init__(self, descriptor: int, limit: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.open = True
        self._limit = limit
        self._kept = bytearray()
        self._dropped = 0

    def drain(self) -> None:
        """Take in what is there now, at most 4 MiB."""
        for _ in range(64 if self.open else 0):
            try:
                data = os.read(self.descriptor, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                self.open = False
                return
            room = self._limit - len(self._kept)
            self._kept += data[:room]
            self._dropped += max(len(data) - room, 0)

    def restart(self) -> None:
        """Forget what there is so far."""
        self.drain()
        self._kept.clear()
        self._dropped = 0

    def text(self) -> str:
        """The kept bytes as text, with a note where something was cut."""
        text = cleaned(self._kept.decode("utf-8", "replace"))
        return f"{text}\n[{self._dropped:,} more bytes were left out]" if self._dropped else text

    def close(self) -> None:
        """Give the descriptor back."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.open, self.descriptor = False, -1


def cleaned(text: str) -> str:
    """The text without control characters, without those that turn the direction of writing, and without
    the addresses by which Python tells objects apart: they are others in each run.
    """
    return _ADDRESS.sub("at 0x...", visible(text, kept="\n\t"))


def own_lines(trace: str, sources: Mapping[str, str]) -> str:
    """A trace that a child told, in the words of the sources: nothing but the places is taken from it."""
    return "\n".join(_own_lines(trace, sources))


def innermost(dumped: str, sources: Mapping[str, str]) -> str:
    """The innermost own line among the frames that a child's faulthandler has dumped, or ""."""
    places = (own_lines("{}, line {}, in {}: ".format(*told), sources) for told in _DUMPED.findall(dumped))
    return next(filter(None, places), "")


def _own_lines(trace: str, sources: Mapping[str, str]) -> Iterator[str]:
    for told in trace.splitlines()[:_FRAMES]:
        if (match := _FRAME.fullmatch(told)) and match[1] in sources:
            text, number, function = sources[match[1]], int(match[2]), match[3] or ""
            lines = text.splitlines()
            known = function in _NAMELESS or re.search(rf"\b{re.escape(function)}\b", text)
            where = f", in {function if known else '?'}" if function else ""
            if 0 < number <= len(lines):
                yield cleaned(f"{match[1]}.py, line {number}{where}: {lines[number - 1].strip()}")
