"""Looks for many texts at once in a long one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

KEY = 8
"""Bytes of each needle by which it is looked for: one machine word."""
_BITS = 20
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Needles:
    """Some byte strings of at least 8 bytes each, to be found in others.

    Of each needle one word of 8 bytes is the key. A look at a haystack hashes the words at all its positions,
    a million at a time or so in numpy, and compares bytes only where a key's hash turns up. So it takes
    about as long for a thousand needles as for one. ValueError where a needle is shorter than its key.
    """

    def __init__(self, needles: Sequence[bytes]) -> None:
        self._needles: dict[bytes, list[tuple[int, int]]] = {}
        self._texts = tuple(needles)
        for number, needle in enumerate(self._texts):
            if len(needle) < KEY:
                raise ValueError(f"a needle of {len(needle)} bytes; it takes {KEY}")
            offset = _most_telling(needle)
            self._needles.setdefault(needle[offset : offset + KEY], []).append((number, offset))
        self._table = np.zeros(1 << _BITS, dtype=bool)
        if self._needles:
            self._table[_hashed(np.frombuffer(b"".join(self._needles), np.uint64))] = True

    def which(self, haystack: bytes) -> list[bytes]:
        """Those needles that are in a haystack."""
        return [self._texts[number] for number in sorted({number for number, _ in self.found(haystack)})]

    def found(self, haystack: bytes) -> Iterator[tuple[int, int]]:
        """Each occurrence of each needle: its number among the needles, and where it begins."""
        for shift in range(KEY):
            count = (len(haystack) - shift) // KEY
            if count <= 0:
                return
            words = np.frombuffer(haystack, np.uint64, count, shift)
            for word in self._table[_hashed(words)].nonzero()[0].tolist():
                at = word * KEY + shift
                for number, offset in self._needles.get(haystack[at : at + KEY], ()):
                    if at >= offset and haystack.startswith(self._texts[number], at - offset):
                        yield number, at - offset


def _hashed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (words * _FACTOR) >> np.uint64(64 - _BITS)


def _most_telling(needle: bytes) -> int:
    """Where the word of the most different bytes begins: a row of zeros is in every file."""
    return max(range(0, len(needle) - KEY + 1, KEY), key=lambda at: len(set(needle[at : at + KEY])))
