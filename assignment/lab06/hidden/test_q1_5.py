"""Hidden checks of q1_5: `train_one_epoch`, judged by the weights it leaves and the figures it returns."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.context import Reference
from autograder.checking.covering import Row, judge_combinations
from autograder.checking.judge import Case, Reply, Told, ask, ask_each, distance, near, number, pair
from autograder.checking.student import LocalStudent, Student
from lab06 import probes, tolerances
from lab06.hidden.inputs import LOG, batches
from lab06.hidden.networks import CNN, MLP, initial
from lab06.hidden.training_domains import TRAIN, drawn_loop

RMSPROP = {"name": "RMSprop", "lr": 1e-3, "weight_decay": 1e-5}
MOMENTUM = {"name": "SGD", "lr": 0.05, "momentum": 0.9, "groups": True}
PLAIN = {"name": "SGD", "lr": 0.05}


def _compare(student: Student, reference: LocalStudent, *cases: dict[str, Any]) -> None:
    for case, got in zip(cases, ask_each(student, "train", cases), strict=True):
        _agree(got, ask(reference, "train", **case))


def _agree(got: Reply, wanted: Reply) -> None:
    _same_figures(got, wanted)
    right = wanted.weights("weights")
    within = tolerances.TRAJECTORY_OF[next(iter(right.values())).dtype]
    if distance(got.weights("weights"), right) > within:
        raise Told("The weights after the pass are not those that the given optimizer leads to.")


def _same_figures(got: Reply, wanted: Reply) -> None:
    right = wanted.replies("results")
    for mine, theirs in zip(got.replies("results", len(right)), right, strict=True):
        loss, accuracy = pair(mine, "train_one_epoch")
        right_loss, right_accuracy = pair(theirs, "train_one_epoch")
        figures = ("mean_loss", loss, right_loss), ("accuracy", accuracy, right_accuracy)
        for name, value, wanted_value in figures:
            near(number(value, name), number(wanted_value, name), tolerances.FIGURES, name)


def on_its_device(student: Student, probe: str, case: dict[str, Any]) -> None:
    """Told where the loop mixes two devices, one of them simulated, moves the model away, or fails there.

    A loop that asks for a real GPU has not shown that it works with the one that it was given.
    """
    for reply in ask_each(student, probe, [{"device": device, **case} for device in ("cuda", "cpu")]):
        outcome = reply.text("outcome")
        if outcome == "mismatch":
            raise Told("On a machine with a GPU this fails: the model is on one device, a tensor on another.")
        if outcome == "left":
            raise Told("On a machine with a GPU the model is no longer on the device where it was.")
        if outcome == "unclear":
            raise Told("With a model on a simulated GPU this asks for a real one; use `device` and no other.")
        if outcome != "right":
            raise Told("With a model on a GPU this ends in an exception, though on the CPU it does not.")


def _case(
    rng: Generator, layers: list[Any], sizes: list[int], shape: tuple[int, ...], **more: Any
) -> dict[str, Any]:
    weights: dict[str, Tensor] = initial(layers, rng)
    return {
        "layers": layers,
        "weights": weights,
        "batches": batches(rng, sizes, shape, 3),
        "loss": LOG,
        **more,
    }


@cache
def _many_batches() -> dict[str, Any]:
    """The same for every submission, so that the reference's part of it is done once."""
    return _case(Generator().manual_seed(15), MLP[2:], [2] * 101 + [1], (8,), optimizer=PLAIN)


@lru_cache(maxsize=4)
def _after_many_batches(sources: tuple[tuple[str, str], ...]) -> Reply:
    return ask(Reference(dict(sources), probes), "train", **_many_batches())


@check(
    "q1_5",
    1.5,
    family="three steps of a small CNN with RMSprop, the last batch smaller",
    hint="A batch: forget old gradients, forward, loss, backward, step.",
)
def test_cnn(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Float64, so that right loops agree to rounding."""
    _compare(student, reference, _case(rng, CNN, [6, 6, 2], (1, 8, 8), optimizer=RMSPROP))


@check(
    "q1_5",
    1.5,
    family="combinations of losses, optimizers, dtypes, batches and passes; many batches",
    hint="Use the loss_fn and the optimizer that are given, on every batch.",
)
def test_given_pieces(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Every pair of levels of the domain, and 102 batches."""
    judge_combinations(student, "train", TRAIN, [_combined(reference, row, rng) for row in TRAIN.rows])
    wanted = _after_many_batches(tuple(sorted(reference.sources.items())))
    _agree(ask(student, "train", **_many_batches()), wanted)


def _combined(reference: LocalStudent, row: Row, rng: Generator) -> Case:
    case = drawn_loop(row, rng)
    wanted = ask(reference, "train", **case)
    return case, lambda got: _agree(got, wanted)


@check(
    "q1_5",
    1,
    family="any iterable of batches, a last batch of one example, gradients left over from before",
    hint="A loader may be read once only and need not have a length; gradients from before must not count.",
)
def test_loaders(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """A generator and a DataLoader, with gradients in place before the first batch."""
    loaders = ("generator", [3, 3, 1]), ("DataLoader", [4, 4, 1]), ("list", [1])
    cases = [
        _case(rng, MLP, sizes, (5,), optimizer=MOMENTUM, loader=loader, stale=True)
        for loader, sizes in loaders
    ]
    _compare(student, reference, *cases)


@check(
    "q1_5",
    1,
    family="a model on a GPU, batches that come from the CPU",
    hint="Both x and y go to the device that is given; `to` gives a new tensor.",
)
def test_device(student: Student, rng: Generator) -> None:
    """On a simulated GPU, and on the CPU beside it."""
    on_its_device(student, "train_elsewhere", _case(rng, MLP[2:], [3, 2], (8,), optimizer=MOMENTUM))
