"""Public checks of q1_4: `make_optimizer`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Wrong, alike, ask, of_kind, show, size
from autograder.checking.student import Student


@check("q1_4", 1, title="a step moves every parameter against its gradient")
def test_moves_every_parameter(student: Student) -> None:
    """One step with gradients of 1 makes every parameter smaller, and not by much."""
    weights = {"first": torch.ones(2, 3), "second": torch.ones(4)}
    gradient = {name: torch.ones_like(weight) for name, weight in weights.items()}
    reply = ask(student, "optimizer_steps", weights=dict(weights), gradients=[dict(gradient)])
    of_kind(reply.text("optimizer"), "Optimizer", "make_optimizer(model)", "an optimizer")
    (step,) = reply.replies("steps", 1)
    for name, weight in weights.items():
        after = step.tensor(name)
        if not alike(after, weight):
            raise Wrong(f"After one step the weights of '{name}' are {size(after)}, not {size(weight)}.")
        moved = 1 - after
        if not bool(((moved > 0) & (moved < 0.5)).all()):
            raise Wrong(
                f"One step on gradients of 1 took the weights of '{name}' from 1 to "
                f"{after.flatten()[0].item():.6g}; expected a small step down."
            )


@check("q1_4", 0.5, title="the first step, with and without a gradient")
def test_first_step(student: Student) -> None:
    """RMSprop's first step is ten times the learning rate, 0.01; weight decay moves a weight of 100."""
    weights = {"first": torch.zeros(1), "second": torch.full((1,), 100.0)}
    gradient = {"first": torch.ones(1), "second": torch.zeros(1)}
    (step,) = ask(student, "optimizer_steps", weights=dict(weights), gradients=[dict(gradient)]).replies(
        "steps", 1
    )
    for name, expected, what in (
        ("first", -0.01, "a gradient of 1 and a weight of 0"),
        ("second", 99.99, "a gradient of 0 and a weight of 100, where only the weight decay counts"),
    ):
        after = step.tensor(name)
        if not alike(after, weights[name]) or not abs(after.item() - expected) <= 1e-4:
            raise Wrong(f"The first step, with {what},\nled to {show(after)}, expected [{expected:g}].")
