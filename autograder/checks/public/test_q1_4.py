"""Public checks of q1_4: `make_optimizer`."""

from __future__ import annotations

import torch

from autograder.checks.catalog import check
from autograder.checks.judge import Wrong, a, ask
from autograder.checks.student import Student


@check("q1_4", 1, title="a step moves every parameter against its gradient")
def test_moves_every_parameter(student: Student) -> None:
    """One step with gradients of 1 makes every parameter smaller, and not by much."""
    weights = {"first": torch.ones(2, 3), "second": torch.ones(4)}
    gradient = {name: torch.ones_like(weight) for name, weight in weights.items()}
    reply = ask(student, "optimizer_steps", weights=dict(weights), gradients=[dict(gradient)])
    if reply.text("optimizer") != "Optimizer":
        raise Wrong(f"make_optimizer(model) returned {a(reply.text('optimizer'))}, expected an optimizer.")
    after = reply.replies("steps")[0]
    for name in weights:
        moved = 1 - after.tensor(name)
        if not bool(((moved > 0) & (moved < 0.5)).all()):
            raise Wrong(
                f"One step on gradients of 1 took the weights of '{name}' from 1 to "
                f"{after.tensor(name).flatten()[0].item():.6g}; expected a small step down."
            )
