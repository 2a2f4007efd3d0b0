"""What a hidden check may say: no word, line or number that student code chose for it."""

from __future__ import annotations

import builtins

import pytest
from harness import lab
from hypothesis import given
from hypothesis import strategies as st

from autograder.checking.catalog import catalog
from autograder.checking.judge import Wrong
from autograder.checking.student import NOT_LOADED, StudentFailure
from autograder.grading.discretion import Discretion
from autograder.grading.plugin import MAX_DETAIL, MAX_MESSAGE, outcome

HIDDEN = next(check for check in catalog(lab()) if check.hidden)
PUBLIC = next(check for check in catalog(lab()) if not check.hidden)
LINES = [f"work.py, line {n}, in f: x = {n}" for n in range(1, 30)]


def failure(
    verdict: str = "error", message: str = "m", trace: str = LINES[0], kind: str = "ValueError"
) -> StudentFailure:
    return StudentFailure(verdict, message, trace, kind)


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["error", "memory", "timeout", "crashed"]))
def test_text_of_the_failure_never_shows(message: str, other: str, verdict: str) -> None:
    one, two = (Discretion().message(HIDDEN, failure(verdict, text)) for text in (message, other))
    assert one == two


@pytest.mark.parametrize("verdict", ["timeout", "crashed"])
def test_no_exit_status_and_no_times(verdict: str) -> None:
    said = {
        Discretion().message(
            HIDDEN, failure(verdict, f"the program ended itself with status {n} ({n} s)", "")
        )
        for n in range(256)
    }
    assert len(said) == 1


def test_one_line_and_one_kind_for_a_question_not_for_each_check() -> None:
    kinds = ["ValueError", "KeyError", "TypeError", "RuntimeError"]
    discretion = Discretion()
    said = [discretion.message(HIDDEN, failure(trace=trace, kind=kind)) for trace in LINES for kind in kinds]
    assert "line 1: x = 1" in said[0]
    assert "ValueError" in said[0]
    assert len(set(said)) == 2, "the first, and one that says no more than that it failed"


def test_only_the_innermost_line_and_no_name_of_a_function() -> None:
    said = Discretion().message(HIDDEN, failure(trace="\n".join(LINES)))
    assert said.endswith("work.py, line 29: x = 29")
    assert said.count("line") == 1


def test_a_time_out_names_a_line_once_for_a_question() -> None:
    discretion = Discretion()
    said = [discretion.message(HIDDEN, failure("timeout", "m", trace)) for trace in LINES]
    assert said[0].endswith("\nwork.py, line 1: x = 1")
    assert "took too long" in said[0]
    assert not any("line" in text for text in said[1:])


def test_it_says_whether_it_was_the_import_that_took_too_long() -> None:
    told = "work.py could not be loaded within 2 s, or within 1 s of CPU time"
    said = Discretion().message(HIDDEN, failure("timeout", told, LINES[0], NOT_LOADED))
    assert f"{told}\nwork.py, line 1: x = 1" in said
    assert told not in Discretion().message(HIDDEN, failure("error", told, LINES[0], NOT_LOADED))


def test_a_public_check_says_it_all() -> None:
    said = outcome(PUBLIC, failure(message="ValueError: five", trace="\n".join(LINES))).message
    assert "five" in said
    assert LINES[0] in said


@pytest.mark.parametrize("check", [HIDDEN, PUBLIC])
def test_no_message_is_long(check: object) -> None:
    made = outcome(check, Wrong("x" * 10**7))  # type: ignore[arg-type]
    assert len(made.message) <= MAX_MESSAGE
    assert len(made.detail) <= MAX_DETAIL


def test_the_bits_that_the_threat_model_counts() -> None:
    """However a hidden check fails, no more messages are possible than docs/threat-model.md says."""
    verdicts = ["error", "memory", "timeout", "crashed", "not implemented"]
    kinds = [*(name for name in dir(builtins) if name.endswith(("Error", "Exception"))), "Odd", "x" * 9]
    first = {
        Discretion().message(HIDDEN, failure(verdict, f"{n}", LINES[n], kind))
        for verdict in verdicts
        for kind in kinds
        for n in range(len(LINES))
    }
    assert len(first) <= len(LINES) * len(kinds) + 3 + 2 * len(LINES)
    discretion = Discretion()
    discretion.message(HIDDEN, failure())
    later = {
        discretion.message(HIDDEN, failure(verdict, f"{n}", LINES[n], kind))
        for verdict in verdicts
        for kind in kinds
        for n in range(1, len(LINES))
    }
    assert len(later) <= len(verdicts)
