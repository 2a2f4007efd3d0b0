"""Hidden checks of q1_4: `make_optimizer`, judged by the steps it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Reply, Told, alike, ask, ask_each, distance
from autograder.checking.student import LocalStudent, Student
from lab06 import tolerances
from lab06.hidden.training_domains import OPTIMIZER, drawn_problem

ROUNDS = 22
"""How often the same gradients come in a long run: 110 steps, of which every fifth is looked at."""

Problem = tuple[dict[str, Tensor], list[dict[str, Tensor]]]
"""Weights, and the gradients of each step."""


def _problems(rng: Generator, weights: str) -> list[Problem]:
    """Every pair of levels of the domain that goes with weights of one size."""
    return [drawn_problem(row, rng) for row in OPTIMIZER.rows if row["weights"] == weights]


def _compare(student: Student, reference: LocalStudent, problems: Sequence[Problem], repeat: int = 1) -> None:
    cases: list[dict[str, Any]] = [
        {"weights": weights, "gradients": gradients, "repeat": repeat} for weights, gradients in problems
    ]
    for case, reply in zip(cases, ask_each(student, "optimizer_steps", cases), strict=True):
        wanted = _moves(ask(reference, "optimizer_steps", **case), case["weights"])
        moves = _moves(reply, case["weights"])
        within = tolerances.OPTIMIZER_OF[next(iter(case["weights"].values())).dtype]
        if len(moves) != len(wanted) or any(
            distance(move, right) > within for move, right in zip(moves, wanted, strict=True)
        ):
            raise Told("The optimizer's steps are not those of the one that the question asks for.")


def _moves(reply: Reply, start: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    after = [step.all_tensors() for step in reply.replies("steps")]
    return [
        {k: v - start[k] if k in start and alike(v, start[k]) else v for k, v in s.items()} for s in after
    ]


@check(
    "q1_4", 1, family="kind of optimizer and step size", hint="RMSprop, with the learning rate of the lab."
)
def test_steps(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Small weights, so that the weight decay hardly shows; some gradients so small that eps shows."""
    _compare(student, reference, _problems(rng, "small"))


@check(
    "q1_4",
    0.5,
    family="many steps",
    hint="Every step is made in the same way, from what RMSprop remembers of all the steps before.",
)
def test_many_steps(student: Student, reference: LocalStudent) -> None:
    """110 steps of one tensor, the same for every submission, so that the reference makes them once."""
    rng = Generator().manual_seed(14)
    drawn = [torch.randn((4, 3), generator=rng, dtype=torch.float64) for _ in range(6)]
    problem = {"weight": drawn[0]}, [{"weight": gradient} for gradient in drawn[1:]]
    _compare(student, reference, [problem], repeat=ROUNDS)


@check(
    "q1_4",
    1,
    family="weight decay",
    hint="Large weights are pulled towards zero a little; see the lab's text.",
)
def test_weight_decay(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Weights so large that the decay is as large as a gradient of 1."""
    _compare(student, reference, _problems(rng, "large"))
