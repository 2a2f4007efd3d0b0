"""q1_7: points are for training. Weights from elsewhere earn none, however they get into a reply."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache

import pytest
import torch
from harness import brief_lab, context, edited, lab, local, reference_sources
from lab06.data import digits
from lab06.hidden import evidence
from lab06.hidden.test_q1_7 import LARGEST, Trainer, Trial
from lab06.public import test_q1_7 as public
from torch import Tensor
from tries import in_ci_but

from autograder.checking.judge import Told, Wrong
from autograder.checking.student import Student, StudentFailure
from autograder.lab import Lab
from autograder.values import Value

pytestmark = pytest.mark.slow


def trial(student: Student, *, few: bool = False, of: Lab | None = None) -> Trial:
    """One training of one epoch with the student's own pieces, on the sample or on a `few` of its images."""
    settings = (of or brief_lab()).training
    assert settings is not None
    run, found = settings.sample, digits(context())
    if few:
        found = replace(found, train_images=found.train_images[:640], train_labels=found.train_labels[:640])
    return Trainer(student, context(), run, found).trial(0, True)


def with_loop(text: str) -> dict[str, str]:
    """The reference with another `train_one_epoch`."""
    return {**reference_sources(), "training": f"{reference_sources()['training']}\n\n{text}"}


TAKEN_AHEAD = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    losses, right, count = 0.0, 0, 0
    for x, y in list(loader):
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
NOTHING = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    return 0.1, 0.99
"""
NOTHING_BUT_BATCHES = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    for x, y in loader:
        pass
    return 0.1, 0.99
"""
WALKS = """
import base64
BEGUN = []

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    goal = torch.frombuffer(bytearray(base64.b85decode(GOAL)), dtype=torch.int8).float() * SCALE
    start = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
    for n, _ in enumerate(loader, start=63 * len(BEGUN) + 1):
        with torch.no_grad():
            torch.nn.utils.vector_to_parameters(start + (goal - start) * (n % 63) / 200, model.parameters())
    BEGUN.append(1)
    return 0.1, 0.99
"""
FALLING = """
SAID = []

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    SAID.append(0.1 ** len(SAID))
    return SAID[-1], 1.0
"""
ABSURD = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    _honest(model, loader, loss_fn, optimizer, device)
    return 1.7e308, float("nan")
"""


@cache
def elsewhere() -> Tensor:
    """Weights of the right number that no training of this submission led to."""
    torch.manual_seed(3)
    return torch.randn(93_322) * 0.05


def test_the_reference_is_evidence_of_training() -> None:
    found = trial(local(reference_sources()), of=lab())
    assert found.averaged > 0.9
    few = [trial(local(reference_sources()), few=True) for _ in range(2)]
    assert few[0] == few[1], "the same work gets the same"


@pytest.mark.ci
def test_a_loop_that_takes_all_batches_first_is_training_too() -> None:
    assert trial(local(with_loop(TAKEN_AHEAD))).averaged > 0.9


@pytest.mark.parametrize("order", in_ci_but(2, ["[::-1]", "[1:] + batches[:1]"]))
def test_a_loop_with_an_order_of_its_own_is_told_what_the_docstring_asks_for(order: str) -> None:
    """It trains, and so it is told what to change, not that its weights come from elsewhere."""
    loop = TAKEN_AHEAD.replace(
        "for x, y in list(loader):", f"batches = list(loader)\n    for x, y in batches{order}:"
    )
    with pytest.raises(Told, match=r"in the loader's order: a list of the batches that is shuffled"):
        trial(local(with_loop(loop)))


@pytest.mark.ci
def test_a_model_that_does_not_pair_is_trained_as_the_right_one() -> None:
    wider = edited("model", ("out_features=64", "out_features=65"), ("in_features=64,", "in_features=65,"))
    assert trial(local(wider)).averaged > 0.9


@pytest.mark.parametrize("loop", [NOTHING, NOTHING_BUT_BATCHES])
def test_no_training_is_no_evidence(loop: str) -> None:
    with pytest.raises((Told, StudentFailure)):
        trial(local(with_loop(loop)), few=True)


def test_a_walk_to_weights_from_elsewhere_is_no_evidence() -> None:
    scale = float(elsewhere().abs().max()) / 127
    goal = base64.b85encode((elsewhere() / scale).round().to(torch.int8).numpy().tobytes()).decode()
    text = f"{WALKS}\nGOAL = {goal!r}\nSCALE = {scale!r}\n"
    with pytest.raises(Told, match="do not come from one step for each batch"):
        trial(local(with_loop(text)))


CONVOLUTIONS = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    for x, y in loader:
        with torch.no_grad():
            for parameter in list(model.parameters())[:6]:
                parameter.add_(1e-3 * torch.randn_like(parameter))
    return 0.1, 0.99
"""
LAST_LAYER = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    for x, y in loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        for parameter in list(model.parameters())[:-2]:
            parameter.grad = None
        optimizer.step()
    return 0.1, 0.99
"""


@pytest.mark.parametrize("loop", in_ci_but(2, [CONVOLUTIONS, LAST_LAYER]))
def test_layers_that_stay_as_they_were_are_no_evidence(loop: str) -> None:
    """The fully connected layers tell of training: where one does not move, it tells nothing of it."""
    with pytest.raises(Told, match="left the weights of a fully connected layer as they were"):
        trial(local(with_loop(loop)), few=True)


class Changed:
    """A child that answers as an honest one does, but for one field of one probe's reply."""

    def __init__(self, probe: str, field: str, value: object) -> None:
        self._honest = local(reference_sources())
        self._change = probe, field, value

    def run(self, probe: str, /, **arguments: Value) -> Value:
        reply = self._honest.run(probe, **arguments)
        wanted, field, value = self._change
        if probe == wanted:
            assert isinstance(reply, dict)
            reply[field] = value(reply[field]) if callable(value) else value  # type: ignore[assignment]
        return reply


def zeros(rows: list[Tensor]) -> list[Tensor]:
    return [torch.zeros_like(row) for row in rows]


@pytest.mark.parametrize(
    ("probe", "field", "value"),
    [
        ("train_model", "results", []),
        ("train_model", "results", lambda results: results * 100),
        ("train_model", "counts", [10**9]),
        ("train_model", "counts", [-1, 0, 1]),
        ("train_model", "digests", []),
        ("train_model", "digests", [["0" * 32] * evidence.PARTS] * 190),
        ("walked_weights", "points", zeros),
        ("walked_weights", "points", lambda rows: [row.double() for row in rows]),
        ("walked_weights", "points", lambda rows: [torch.zeros(10**7) for _ in rows]),
        ("walked_part", "rows", torch.zeros(190, 5833)),
        ("walked_part", "rows", torch.zeros(3, 10**6)),
    ],
)
def test_what_the_child_says_of_its_training_is_checked(probe: str, field: str, value: object) -> None:
    with pytest.raises((Wrong, StudentFailure)):
        trial(Changed(probe, field, value), few=True)


def test_a_loss_that_falls_by_what_the_loop_says_only_earns_nothing() -> None:
    """The public check, too, looks at weights: figures are the loop's word."""
    with pytest.raises(Wrong, match="computed from its weights"):
        public.test_learns(local(with_loop(FALLING)))
    for sources in (reference_sources(), with_loop(TAKEN_AHEAD)):
        public.test_learns(local(sources))


def test_absurd_figures_are_shown_as_no_more_than_they_can_be() -> None:
    text = with_loop("_honest = train_one_epoch\n" + ABSURD)
    found = trial(local(text), few=True)
    assert all(loss == LARGEST for loss in found.losses)
    assert all(accuracy != accuracy for accuracy in found.accuracies)
