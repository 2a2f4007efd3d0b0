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


def _train(student: Student, batches: list[Value], rate: float, **more: Value) -> Reply:
    optimizer: dict[str, Any] = {"name": "SGD", "lr": rate}
    return ask(
        student,
        "train",
        layers=LAYERS,
        weights=dict(WEIGHTS),
        batches=batches,
        loss="squared error",
        optimizer=optimizer,
        **more,
    )


@check("q1_5", 1.5, title="loss and accuracy are means over the examples")
def test_means_over_examples(student: Student) -> None:
    """With a step size of 0: batches of 3 and 1, errors 1, 0, 0 and 0, so the mean loss is 1/4."""
    batches: list[Value] = [_batch([[1, 0], [0, 1], [1, 0]], [1, 1, 0]), _batch([[1, 0]], [0])]
    loss, accuracy = pair(_train(student, batches, 0.0).replies("results", 1)[0], CALL)
    what = "batches of 3 and 1 examples with losses 1, 0, 0 and 0:"
    near(number(loss, "mean_loss"), 0.25, 1e-5, f"{what} mean_loss")
    near(number(accuracy, "accuracy"), 0.75, 1e-5, f"{what} accuracy")


@check("q1_5", 0.5, title="what counts is the prediction before the step")
def test_counted_before_the_step(student: Student) -> None:
    """A step of 0.6 puts the only prediction right, too late for the accuracy."""
    _, accuracy = pair(_train(student, [_batch([[1, 0]], [1])], 0.6).replies("results", 1)[0], CALL)
    what = "one example, whose prediction is wrong before the step and right after it:"
    near(number(accuracy, "accuracy"), 0.0, 1e-5, f"{what} accuracy")


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


@check("q1_5", 1, title="gradients from before do not count")
def test_gradients_from_before(student: Student) -> None:
    """Two steps of 0.1 on the same example, with gradients in place before; the batches can be read once."""
    batch = _batch([[1, 0]], [1])
    after = _train(student, [batch, batch], 0.1, loader="generator", stale=True).reply("weights")
    expected = torch.tensor([[0.82, 0.0], [0.18, 1.0]])
    got = after.tensor("0.weight")
    if not alike(got, expected) or not torch.allclose(got, expected, atol=1e-5):
        raise Wrong(
            f"{CALL}\nafter two batches, with gradients of 3 in place before the first, the weights are\n"
            f"{show(got)}\nexpected\n{show(expected)}\nEach step follows its own batch only."
        )
