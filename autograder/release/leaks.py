"""Looks for what students must not get in all that they get; each finding names its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.release.confidential import Confidential, squeezed
from autograder.release.views import View, views

_MARKER = re.compile(r"#!\s?(?:TAG|MSG)\b")


@dataclass(frozen=True)
class Leak:
    """Something that students must not get, and where it was found."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def find_leaks(files: Mapping[str, bytes], confidential: Confidential) -> list[Leak]:
    """Every leak in these files, once per place."""
    leaks: list[Leak] = []
    for name, data in files.items():
        leaks += _closest(name, _in_file(name, data, confidential))
    return leaks


def _closest(name: str, leaks: Iterable[Leak]) -> list[Leak]:
    """Without what was also found in a part of the file, in a notebook's cell for example."""
    once = dict.fromkeys(leaks)
    whole = {leak for leak in once if leak.place.startswith(f"{name}, line ")}
    inside = {leak.what for leak in once if leak not in whole}
    return [leak for leak in once if leak not in whole or leak.what not in inside]


def _in_file(name: str, data: bytes, confidential: Confidential) -> Iterator[Leak]:
    yield from _in_view(View("the name of a file", name), confidential)
    for view in views(name, data):
        yield from _in_view(view, confidential)
        if view.data:
            yield from (Leak(view.place, what) for what in confidential.of_the_lab(view.data))


def _in_view(view: View, confidential: Confidential) -> Iterator[Leak]:
    for match in _MARKER.finditer(view.text):
        yield _leak(view, match.start(), f"the marker {match[0]}")
    for match in confidential.names.finditer(view.text):
        yield _leak(view, match.start(), f"names the hidden check {match[0]}")
    dense = squeezed(view.text)
    for secret in confidential.secrets:
        at = dense.find(secret.needle)
        if at >= 0:
            yield _leak(view, _unsqueezed(view.text, at), f"holds {secret.what}: {secret.needle[:60]}")


def _leak(view: View, at: int, what: str) -> Leak:
    return Leak(f"{view.place}, line {view.text.count(chr(10), 0, at) + 1}", what)


def _unsqueezed(text: str, at: int) -> int:
    """The position in a text of the squeezed text's character `at`."""
    for position, character in enumerate(text):
        if not character.isspace():
            if not at:
                return position
            at -= 1
    return len(text)
