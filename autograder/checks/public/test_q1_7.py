"""Public checks of q1_7: the pieces train together."""

from __future__ import annotations

import torch

from autograder.checks.catalog import check
from autograder.checks.judge import Wrong, ask, number, pair
from autograder.checks.student import Student


@check("q1_7", 2, title="your model, loss, optimizer and loop learn eight simple pictures")
def test_learns(student: Student) -> None:
    """Five passes over bright-stripe pictures bring the loss down to less than half."""
    images = torch.zeros(64, 28, 28, dtype=torch.uint8)
    labels = torch.arange(64) % 8
    for n, label in enumerate(labels.tolist()):
        images[n, 3 * label : 3 * label + 4] = 255 - n
    reply = ask(
        student,
        "train_model",
        images=images,
        labels=labels,
        orders=torch.arange(64).repeat(5, 1),
        batch_size=16,
        decay=0.9,
        seed=0,
        device="cpu",
        weights={},
        layers=[],
        loss="",
        optimizer={},
    )
    losses = [number(pair(r, "train_one_epoch")[0], "mean_loss") for r in reply.replies("results")]
    if not losses[-1] < losses[0] / 2:
        shown = ", ".join(f"{loss:.4g}" for loss in losses)
        raise Wrong(
            f"Over five passes the mean loss was {shown}; expected it to fall below half of the first."
        )
