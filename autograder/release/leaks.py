"""Looks for what students must not get in all that they get; each finding names its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from autograder.needles import KEY, Needles
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


def _in_file(name: str, data: bytes, confidential: Confidential) -> list[Leak]:
    """The leaks in a file, in the order of its parts."""
    parts = [View("the name of a file", name), *views(name, data)]
    dense = _Dense([squeezed(part.text) for part in parts])
    names = dense.which(confidential.telling_names)
    found = [(n, leak) for n, part in enumerate(parts) for leak in _in_view(part, confidential, names)]
    for n, at, number in dense.places(confidential.secret_needles):
        secret = confidential.secrets[number]
        line = _unsqueezed(parts[n].text, at)
        found.append((n, _leak(parts[n], line, f"holds {secret.what}: {secret.needle[:60]}")))
    return [leak for _, leak in sorted(found, key=lambda pair: pair[0])]


def _in_view(view: View, confidential: Confidential, names: Sequence[str]) -> Iterator[Leak]:
    """The markers, the lab's own secrets, and the telling names: `names` are those that the file holds."""
    for match in _MARKER.finditer(view.text):
        yield _leak(view, match.start(), f"the marker {match[0]}")
    if any(name in view.text for name in names):
        for match in confidential.names_in(view.text):
            yield _leak(view, match.start(), f"names the hidden check {match[0]}")
    if view.data:
        yield from (Leak(view.place, what) for what in confidential.of_the_lab(view.data))


class _Dense:
    """The squeezed texts of a file's parts, joined.

    A file has thousands of small parts, and there are hundreds of secrets: so the parts are joined, by line
    ends, which neither side has any more, and gone through once.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
        self._starts = list(accumulate((len(part) + 1 for part in parts), initial=0))
        self._joined = b"\n".join(parts)

    def which(self, names: Sequence[str]) -> list[str]:
        """Those of some names, without spaces, that are in any part."""
        words = [name.encode() for name in names]
        long = Needles([word for word in words if len(word) >= KEY])
        short = [word for word in words if len(word) < KEY and word in self._joined]
        return [word.decode() for word in (*short, *long.which(self._joined))]

    def places(self, needles: Needles) -> Iterator[tuple[int, int, int]]:
        """Where each part first holds each needle: the part's number, the character, the needle's number."""
        seen = set()
        for number, at in sorted(needles.found(self._joined)):
            n = bisect_right(self._starts, at) - 1
            if (number, n) not in seen:
                seen.add((number, n))
                before = self._joined[self._starts[n] : at]
                yield n, len(before.decode("utf-8", "surrogatepass")), number


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
