"""Looks for what students must not get in all that they get; each finding names its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.lab import Lab
from autograder.release.confidential import MIDDLE, PIXELS, Confidential, squeezed
from autograder.release.views import View, views

_MARKER = re.compile(r"#!\s?(?:TAG|MSG)\b")
_NO_DIGIT = re.compile(r"[^0-9]+")
_IMAGES, _HEADER = b"\0\0\x08\x03", 16
"""How a file of images begins, and how long its head is (the IDX format of MNIST)."""


@dataclass(frozen=True)
class Leak:
    """Something that students must not get, and where it was found."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def find_leaks(files: Mapping[str, bytes], lab: Lab) -> list[Leak]:
    """Every leak in these files, once per place."""
    confidential = Confidential(lab)
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
            yield from _heldout(view.place, view.data, confidential)


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


def _heldout(name: str, data: bytes, confidential: Confidential) -> Iterator[Leak]:
    """Labels and images that the grader keeps for itself; labels as bytes, or as digits in a text."""
    digits = bytes(digit - ord("0") for digit in _NO_DIGIT.sub("", data.decode("latin-1")).encode())
    if any(labels in data or labels in digits for labels in confidential.labels):
        yield Leak(name, "holds labels of the held-out test images")
    if _holds_images(data, confidential):
        yield Leak(name, "holds held-out test images")


def _holds_images(data: bytes, confidential: Confidential) -> bool:
    if data.startswith(_IMAGES):
        starts = range(_HEADER, len(data), PIXELS)
        middles = {data[start : start + PIXELS][MIDDLE] for start in starts}
        return not middles.isdisjoint(confidential.images)
    return any(image in data for image in confidential.images)
