"""Hidden checks of q1_5: `train_one_epoch`, judged by the weights it leaves and the figures it returns."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.context import Reference
from autograder.checking.judge import Reply, Told, ask, distance, near, number, pair
from autograder.checking.student import LocalStudent, Student
from lab06 import probes, tolerances
from lab06.hidden.inputs import batches
from lab06.hidden.networks import CNN, MLP, initial

RMSPROP = {"name": "RMSprop", "lr": 1e-3, "weight_decay": 1e-5}
MOMENTUM = {"name": "SGD", "lr": 0.05, "momentum": 0.9}
ADAM = {"name": "Adam", "lr": 0.01}


def _compare(student: Student, reference: LocalStudent, arguments: dict[str, Any]) -> None:
    _agree(ask(student, "train", **arguments), ask(reference, "train", **arguments))


def _agree(got: Reply, wanted: Reply) -> None:
    _same_figures(got, wanted)
    if distance(got.weights("weights"), wanted.weights("weights")) > tolerances.TRAJECTORY:
        raise Told("The weights after the pass are not those that the given optimizer leads to.")


def _same_figures(got: Reply, wanted: Reply) -> None:
    right = wanted.replies("results")
    for mine, theirs in zip(got.replies("results", len(right)), right, strict=True):
        loss, accuracy = pair(mine, "train_one_epoch")
        right_loss, right_accuracy = pair(theirs, "train_one_epoch")
        figures = ("mean_loss", loss, right_loss), ("accuracy", accuracy, right_accuracy)
        for name, value, wanted_value in figures:
            near(number(value, name), number(wanted_value, name), tolerances.FIGURES, name)


def _case(
    rng: Generator, layers: list[Any], sizes: list[int], shape: tuple[int, ...], **more: Any
) -> dict[str, Any]:
    weights: dict[str, Tensor] = initial(layers, rng)
    return {
        "layers": layers,
        "weights": weights,
        "batches": batches(rng, sizes, shape, 3),
        "loss": "log",
        **more,
    }


@cache
def _many_batches() -> dict[str, Any]:
    """The same for every submission, so that the reference's part of it is done once."""
    return _case(Generator().manual_seed(15), MLP, [4] * 101 + [1], (5,), optimizer=MOMENTUM)


@lru_cache(maxsize=4)
def _after_many_batches(sources: tuple[tuple[str, str], ...]) -> Reply:
    return ask(Reference(dict(sources), probes), "train", **_many_batches())


@check(
    "q1_5",
    2,
    family="three steps of a small CNN with RMSprop, the last batch smaller",
    hint="A batch: forget old gradients, forward, loss, backward, step.",
)
def test_cnn(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Float64, so that right loops agree to rounding."""
    _compare(student, reference, _case(rng, CNN, [6, 6, 2], (1, 8, 8), optimizer=RMSPROP))


@check(
    "q1_5",
    2,
    family="other losses and optimizers than the lab's, many batches, two passes",
    hint="Use the loss_fn and the optimizer that are given, on every batch.",
)
def test_given_pieces(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """A small fully connected network with other pieces over a few batches, and over 102."""
    few = _case(rng, MLP, [4, 4, 3], (5,), optimizer=ADAM, passes=2)
    _compare(student, reference, {**few, "loss": "squared error"})
    _compare(student, reference, {**few, "loss": "margin", "optimizer": RMSPROP})
    wanted = _after_many_batches(tuple(sorted(reference.sources.items())))
    _agree(ask(student, "train", **_many_batches()), wanted)


@check(
    "q1_5",
    2,
    family="any iterable of batches, a last batch of one example, gradients left over from before",
    hint="A loader may be read once only and need not have a length; gradients from before must not count.",
)
def test_loaders(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """A generator and a DataLoader, with gradients in place before the first batch."""
    for loader, sizes in (("generator", [3, 3, 1]), ("DataLoader", [4, 4, 1]), ("list", [1])):
        case = _case(rng, MLP, sizes, (5,), optimizer=MOMENTUM, loader=loader, stale=True)
        _compare(student, reference, case)
