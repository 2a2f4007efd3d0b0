"""Public checks of q1_5: `train_one_epoch`."""

from __future__ import annotations

from typing import Any

import torch

from autograder.checking.check import check
from autograder.checking.judge import Reply, Wrong, alike, ask, near, number, pair, same, show
from autograder.checking.student import Student
from autograder.values import Value

CALL = "train_one_epoch(model, loader, loss_fn, optimizer, device)"
LAYERS: list[Value] = [["linear", 2, 2]]
WEIGHTS: dict[str, torch.Tensor] = {
    "0.weight": torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
    "0.bias": torch.zeros(2),
}


def _batch(x: list[list[float]], y: list[int]) -> dict[str, Value]:
    return {"x": torch.tensor(x, dtype=torch.float32), "y": torch.tensor(y)}


def _train(student: Student, batches: list[Value], rate: float) -> Reply:
    optimizer: dict[str, Any] = {"name": "SGD", "lr": rate}
    return ask(
        student,
        "train",
        layers=LAYERS,
        weights=dict(WEIGHTS),
        batches=batches,
        loss="squared error",
        optimizer=optimizer,
    )


@check("q1_5", 2, title="loss and accuracy are means over the examples")
def test_means_over_examples(student: Student) -> None:
    """With a step size of 0: batches of 3 and 1, errors 0, 0, 0 and 1, so the mean loss is 1/4."""
    batches: list[Value] = [_batch([[1, 0], [0, 1], [1, 0]], [0, 1, 0]), _batch([[1, 0]], [1])]
    loss, accuracy = pair(_train(student, batches, 0.0).replies("results", 1)[0], CALL)
    what = "batches of 3 and 1 examples with losses 0, 0, 0 and 1:"
    near(number(loss, "mean_loss"), 0.25, 1e-5, f"{what} mean_loss")
    near(number(accuracy, "accuracy"), 0.75, 1e-5, f"{what} accuracy")


@check("q1_5", 2, title="one batch makes one step of the given optimizer")
def test_one_step(student: Student) -> None:
    """x = (1, 0) of class 1, weights I, mean squared error: dL/dW = (x)(1, -1)^T, a step of 0.1."""
    reply = _train(student, [_batch([[1, 0]], [1])], 0.1)
    after = reply.reply("weights").tensor("0.weight")
    expected = torch.tensor([[0.9, 0.0], [0.1, 1.0]])
    if same(after, WEIGHTS["0.weight"]):
        raise Wrong(f"{CALL}\nleft the weights as they were; training must change them.")
    if not alike(after, expected) or not torch.allclose(after, expected, atol=1e-5):
        raise Wrong(
            f"{CALL}\nafter one batch the weights are\n{show(after)}\nexpected\n{show(expected)}\n"
            "One forward pass, one backward pass, one step a batch."
        )
