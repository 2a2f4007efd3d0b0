"""Replies that no honest child makes, and odd values that honest code returns, cost little time and room."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from harness import edited, lab, local, reference_sources, run_check

from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.checking.diagnosis import elements
from autograder.checking.judge import show
from autograder.grading import Grader
from autograder.submission import Submission
from autograder.values import Value

MIB = 1 << 20


def checks_of(question: str, *, hidden: bool) -> list[Check]:
    return [check for check in catalog(lab()) if (check.question, check.hidden) == (question, hidden)]


class Forger:
    """Answers one probe with a reply of its own, and any other as the reference does."""

    def __init__(self, probe: str, reply: Mapping[str, Value]) -> None:
        self._probe, self._reply, self._honest = probe, reply, local(reference_sources())

    def run(self, probe: str, /, **arguments: Value) -> Value:
        return dict(self._reply) if probe == self._probe else self._honest.run(probe, **arguments)


def described(shapes: Mapping[str, list[int]]) -> dict[str, Value]:
    honest = local(reference_sources()).run("describe_model", images=torch.zeros(3, 1, 28, 28))
    assert isinstance(honest, dict)
    layout: list[Value] = [{"name": name, "shape": [*shape]} for name, shape in shapes.items()]
    return {**honest, "layout": layout}


@pytest.mark.parametrize(
    "shapes",
    [
        {"a": [10, 30_000_000]},
        {"a": [10, 2**30], "b": [64, 64]},
        {f"w{n}": [1, 1] for n in range(20_000)},
        {"a": [10, 0], "b": [3, 3]},
        {"a": [2**31 - 1] * 480},
    ],
    ids=["large", "larger", "many", "empty", "of many axes"],
)
def test_a_layout_that_no_network_has_is_wrong(shapes: Mapping[str, list[int]]) -> None:
    for check in checks_of("q1_1", hidden=False):
        tracemalloc.start()
        outcome = run_check(check, {}, student=Forger("describe_model", described(shapes)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 100 * MIB
        assert len(outcome.message) < 20_000


@pytest.mark.parametrize("dtype", [torch.bool, torch.int64, torch.complex64])
def test_weights_that_are_no_floating_point_numbers_are_no_weights(dtype: torch.dtype) -> None:
    (check,) = [each for each in checks_of("q1_1", hidden=True) if each.name == "initial_weights"]
    reply: Any = local(reference_sources()).run("initial_weights", images=torch.zeros(3, 1, 28, 28))
    forged = {**reply, "weights": [weight.to(dtype) for weight in reply["weights"]]}
    outcome = run_check(check, {}, student=Forger("initial_weights", forged))
    assert outcome.verdict == "crashed", outcome
    assert "malformed" in (outcome.detail or outcome.message)


@pytest.mark.parametrize("rows", [10**6, 2**39])
def test_a_tensor_without_elements_is_shown_by_its_size(rows: int) -> None:
    assert show(torch.empty(rows, 0)) == f"<{rows}x0 float32>"


def test_nothing_in_a_reply_is_for_free() -> None:
    empty: Any = [{}] * 1_000 + [[]] * 1_000
    assert elements(empty) > 2_000
    assert elements({"k" * 1_000: 1}) > 1_000


def test_a_complex_number_is_wrong_and_costs_no_grade(warm: Grader) -> None:
    """An FFT without `.real`, say: the imaginary part is not quite 0."""
    text = edited("convolution", ("return", "return (1 + 1e-9j) *"))["convolution"]
    sources = {**reference_sources(), "convolution": text}
    grade = warm.variant(only=frozenset({"q2_1", "q3_3"})).grade(Submission("someone", sources))
    assert grade.question("q2_1").score == 0
    assert grade.question("q3_3").score == lab().question("q3_3").points


def test_a_learning_rate_that_is_no_number_is_no_first_step() -> None:
    sources = edited("training", ("lr=1e-3", "lr=float('nan')"))
    found = [run_check(check, sources) for check in checks_of("q1_4", hidden=False)]
    assert all(str(outcome.verdict) != "passed" for outcome in found), found


ASKS_FOR_A_GPU = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    torch.cuda.is_available() and torch.cuda.{call}()
    losses, right, count = 0.0, 0, 0
    for x, y in loader:
        {move}
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses += loss.item() * len(y)
        right += int((logits.argmax(1) == y).sum())
        count += len(y)
    return losses / count, right / count
"""


@pytest.mark.parametrize("call", ["synchronize", "get_device_name", "empty_cache", "current_stream"])
@pytest.mark.parametrize("right", [True, False])
def test_who_asks_for_a_gpu_has_to_use_it(call: str, right: bool) -> None:
    move = "x, y = x.to(device), y.to(device)" if right else "pass"
    text = reference_sources()["training"] + ASKS_FOR_A_GPU.format(call=call, move=move)
    sources = {**reference_sources(), "training": text}
    (check,) = [check for check in checks_of("q1_5", hidden=True) if "GPU" in check.family]
    passed = str(run_check(check, sources).verdict) == "passed"
    assert passed is (right and call != "current_stream")
