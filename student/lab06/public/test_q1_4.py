"""Public checks of q1_4: `make_optimizer`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Wrong, a, alike, ask, size
from autograder.checking.student import Student


@check("q1_4", 1, title="a step moves every parameter against its gradient")
def test_moves_every_parameter(student: Student) -> None:
    """One step with gradients of 1 makes every parameter smaller, and not by much."""
    weights = {"first": torch.ones(2, 3), "second": torch.ones(4)}
    gradient = {name: torch.ones_like(weight) for name, weight in weights.items()}
    reply = ask(student, "optimizer_steps", weights=dict(weights), gradients=[dict(gradient)])
    if reply.text("optimizer") != "Optimizer":
        raise Wrong(f"make_optimizer(model) returned {a(reply.text('optimizer'))}, expected an optimizer.")
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
