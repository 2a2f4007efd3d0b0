"""Public checks of q1_7: the pieces train together."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.checking.check import check
from autograder.checking.judge import Reply, Wrong, ask, number, pair
from autograder.checking.student import Student, StudentFailure

PLAIN: dict[str, Any] = {
    "layers": [["flatten"], ["linear", 784, 10]],
    "loss": "margin",
    "optimizer": {"name": "SGD", "lr": 0.05},
}
"""A network, loss and optimizer to train where one's own fail: those cost other questions already."""
OTHER: dict[str, Any] = {**PLAIN, "optimizer": {"name": "RMSprop", "lr": 1e-3}}
"""The same for a loop that learns with one kind of optimizer only."""
UNTRAINED = 0.9
"""The loss of that network while all its scores are the same."""


@check("q1_7", 2, title="the loop learns eight simple pictures")
def test_learns(student: Student) -> None:
    """Five passes over bright-stripe pictures bring the loss down to less than half.

    First by what the loop reports of one's own pieces, which is no more than its word; then by what it makes
    of the weights of a given network.
    """
    try:
        _learns(student, {"layers": [], "loss": "", "optimizer": {}})
    except (Wrong, StudentFailure) as first:
        if isinstance(first, StudentFailure) and first.verdict not in ("error", "not implemented"):
            raise
        try:
            _learns(student, PLAIN)
        except (Wrong, StudentFailure):
            raise first from None
    try:
        _changes_weights(student, PLAIN)
    except Wrong:
        _changes_weights(student, OTHER)


def _changes_weights(student: Student, pieces: dict[str, Any]) -> None:
    images, labels = _pictures()
    _train(student, pieces)
    (row,) = ask(student, "walked_weights", points=[-1]).tensors("points", 1)
    if row.dtype is not torch.float32 or row.shape != (7850,):
        raise Wrong("After training, the model has other parameters than before.")
    weight, bias = row[:7840].reshape(10, 784), row[7840:]
    logits = images.flatten(1) / 255 @ weight.t() + bias
    loss = float(F.multi_margin_loss(logits, labels))
    if not loss < UNTRAINED / 2:
        raise Wrong(
            f"After five passes the loss of a linear network, computed from its weights, is {loss:.4g}; "
            f"without training it is about {UNTRAINED:g}. Which call changes the weights?"
        )


def _pictures() -> tuple[Tensor, Tensor]:
    """Eight pictures with a bright stripe each, in two shades."""
    images = torch.zeros(16, 28, 28, dtype=torch.uint8)
    labels = torch.arange(16) % 8
    for n, label in enumerate(labels.tolist()):
        images[n, 3 * label : 3 * label + 4] = 255 - n
    return images, labels


def _train(student: Student, pieces: dict[str, Any]) -> Reply:
    images, labels = _pictures()
    return ask(
        student,
        "train_model",
        images=images,
        labels=labels,
        orders=torch.arange(16).repeat(5, 1),
        batch_size=8,
        seed=0,
        device="cpu",
        weights={},
        **pieces,
    )


def _learns(student: Student, pieces: dict[str, Any]) -> None:
    reply = _train(student, pieces)
    losses = [number(pair(r, "train_one_epoch")[0], "mean_loss") for r in reply.replies("results", 5)]
    if not losses[-1] < losses[0] / 2:
        shown = ", ".join(f"{loss:.4g}" for loss in losses)
        raise Wrong(
            f"Over five passes the mean loss was {shown}; expected it to fall below half of the first."
        )
