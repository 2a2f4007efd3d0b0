"""Many texts looked for at once: what is found is what a plain search finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.needles import KEY, Needles

FEW_BYTES = st.binary(max_size=60).map(lambda data: bytes(byte % 2 for byte in data))


def plainly(needles: list[bytes], haystack: bytes) -> set[tuple[int, int]]:
    return {
        (number, at)
        for number, needle in enumerate(needles)
        for at in range(len(haystack))
        if haystack.startswith(needle, at)
    }


@given(st.lists(FEW_BYTES.map(lambda data: data + bytes(KEY)), max_size=6), FEW_BYTES, FEW_BYTES)
def test_a_plain_search_finds_the_same(needles: list[bytes], before: bytes, after: bytes) -> None:
    haystack = before + b"".join(needles) + after
    assert set(Needles(needles).found(haystack)) == plainly(needles, haystack)
    assert Needles(needles).which(haystack) == needles or len(set(needles)) < len(needles)


@pytest.mark.parametrize("shift", range(2 * KEY))
def test_a_needle_is_found_wherever_it_begins(shift: int) -> None:
    assert list(Needles([b"the answer"]).found(b"x" * shift + b"the answer")) == [(0, shift)]


def test_a_needle_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        Needles([b"abc"])
