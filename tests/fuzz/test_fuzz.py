"""A few seconds of what `tests/fuzz/run.py` does for as long as one likes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from targets import ASSIGNMENT, TARGETS, judged, seeds
from tries import tries

from autograder.checking.catalog import catalog
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.values import Value

QUICK = tries(150, suppress_health_check=list(HealthCheck))


@st.composite
def nearly(draw: st.DrawFn, name: str) -> bytes:
    """Bytes that a target takes, with a few pieces cut out and others put in."""
    data = draw(st.sampled_from(list(seeds(name))))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(st.binary(max_size=6)) + data[start + draw(st.integers(0, 6)) :]
    return data


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "replies"])
def test_no_bytes_raise_what_is_not_promised(name: str) -> None:
    @QUICK
    @given(st.binary(max_size=300) | nearly(name))
    def check(data: bytes) -> None:
        TARGETS[name](data)

    check()


@pytest.mark.parametrize("seed", [1, 2, 20])
def test_no_reply_raises_what_is_not_promised(seed: int) -> None:
    threads = torch.get_num_threads()
    try:
        TARGETS["replies"](seed.to_bytes(8, "big"))
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(("question", "name"), [("q1_5", "cnn"), ("q1_4", "steps"), ("q3_4", "defaults")])
def test_a_reply_without_figures_is_no_right_one(question: str, name: str) -> None:
    check = next(check for check in catalog(ASSIGNMENT) if (check.question, check.name) == (question, name))
    honest = LocalStudent(ASSIGNMENT.reference(), ASSIGNMENT.probes)
    judged(check, {"student": honest, "reference": honest})
    with pytest.raises((AssertionError, StudentFailure)):
        judged(check, {"student": Silent(honest), "reference": honest})


class Silent:
    """Answers as somebody else would, with all lists empty."""

    def __init__(self, honest: LocalStudent) -> None:
        self._honest = honest

    def run(self, probe: str, /, **arguments: Value) -> Value:
        answer = self._honest.run(probe, **arguments)
        assert isinstance(answer, dict)
        return {key: [] if isinstance(item, list) else item for key, item in answer.items()}
