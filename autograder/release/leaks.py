"""Looks for what students must not get in all that they get; each finding names its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from autograder.release.confidential import Confidential, Secret, squeezed
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


def _in_file(name: str, data: bytes, confidential: Confidential) -> list[Leak]:
    """The leaks in a file, in the order of its parts."""
    parts = [View("the name of a file", name), *views(name, data)]
    found = [(n, leak) for n, part in enumerate(parts) for leak in _in_view(part, confidential)]
    found += _secrets_in(parts, confidential.secrets)
    return [leak for _, leak in sorted(found, key=lambda pair: pair[0])]


def _in_view(view: View, confidential: Confidential) -> Iterator[Leak]:
    for match in _MARKER.finditer(view.text):
        yield _leak(view, match.start(), f"the marker {match[0]}")
    for match in confidential.names_in(view.text):
        yield _leak(view, match.start(), f"names the hidden check {match[0]}")
    if view.data:
        yield from (Leak(view.place, what) for what in confidential.of_the_lab(view.data))


def _secrets_in(parts: Sequence[View], secrets: Iterable[Secret]) -> Iterator[tuple[int, Leak]]:
    """The parts that hold a secret, by their number.

    A file has thousands of small parts, and there are hundreds of secrets: so the parts are joined, by line
    ends, which neither side has any more, and each secret is looked for once. Texts of one width are joined
    with each other, or a single wide character would make the search in all of them slower.
    """
    joined: dict[int, list[tuple[int, str]]] = {}
    for n, part in enumerate(parts):
        dense = squeezed(part.text)
        joined.setdefault(_width(dense), []).append((n, dense))
    for group in joined.values():
        text = "\n".join(dense for _, dense in group)
        starts = list(accumulate((len(dense) + 1 for _, dense in group), initial=0))
        for secret in secrets:
            at = text.find(secret.needle)
            while at >= 0:
                place = bisect_right(starts, at) - 1
                n, view = group[place][0], parts[group[place][0]]
                line = _unsqueezed(view.text, at - starts[place])
                yield n, _leak(view, line, f"holds {secret.what}: {secret.needle[:60]}")
                at = text.find(secret.needle, starts[place + 1] - 1)


def _width(text: str) -> int:
    """How many bytes Python gives a character of this text, but 0 for plain ASCII."""
    if text.isascii():
        return 0
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return 2
    return 1


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
