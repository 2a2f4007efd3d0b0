"""Hidden checks of q1_4: `make_optimizer`, judged by the steps it makes."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Reply, Told, alike, ask, distance
from autograder.checking.student import LocalStudent, Student
from lab06 import tolerances

STEPS = 4


def _problem(rng: Generator, size: float) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
    """Weights of that size, and gradients of STEPS steps, in float64."""

    def drawn() -> dict[str, Tensor]:
        shapes = {"weight": (4, 3), "bias": (4,), "last": (2, 4)}
        return {k: torch.randn(s, generator=rng, dtype=torch.float64) for k, s in shapes.items()}

    weights = {name: size * weight for name, weight in drawn().items()}
    return weights, [drawn() for _ in range(STEPS)]


def _compare(student: Student, reference: LocalStudent, rng: Generator, size: float) -> None:
    weights, gradients = _problem(rng, size)
    arguments: dict[str, object] = {"weights": weights, "gradients": gradients}
    wanted = _moves(ask(reference, "optimizer_steps", **arguments), weights)  # type: ignore[arg-type]
    moves = _moves(ask(student, "optimizer_steps", **arguments), weights)  # type: ignore[arg-type]
    if len(moves) != STEPS or any(
        distance(move, right) > tolerances.OPTIMIZER for move, right in zip(moves, wanted, strict=True)
    ):
        raise Told("The optimizer's steps are not those of the one that the question asks for.")


def _moves(reply: Reply, start: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    after = [step.all_tensors() for step in reply.replies("steps")]
    return [
        {k: v - start[k] if k in start and alike(v, start[k]) else v for k, v in s.items()} for s in after
    ]


@check(
    "q1_4", 2, family="kind of optimizer and step size", hint="RMSprop, with the learning rate of the lab."
)
def test_steps(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Small weights, so that the weight decay hardly shows."""
    _compare(student, reference, rng, 1e-6)


@check(
    "q1_4",
    1,
    family="weight decay",
    hint="Large weights are pulled towards zero a little; see the lab's text.",
)
def test_weight_decay(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Weights so large that the decay is as large as the gradient."""
    _compare(student, reference, rng, 1e5)
