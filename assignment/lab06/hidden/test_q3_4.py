"""Hidden checks of q3_4: `gradient_ascent` against the same ascent by a matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.covering import Row, judge_combinations
from autograder.checking.judge import (
    Case,
    Reply,
    Wrong,
    close,
    near,
    numbers,
    on_its_own,
    pair,
    tensor_like,
    well_behaved,
)
from autograder.checking.student import Student
from autograder.values import Value
from lab06 import tolerances
from lab06.hidden.combined import judge_with_history
from lab06.hidden.domains import ASCENT, STEP_SIZES, drawn_sizes, drawn_tensors
from lab06.hidden.inputs import noise


def ascent(img: Tensor, kernel: Tensor, steps: int, step_size: float) -> tuple[Tensor, list[float]]:
    """In float64, back in the image's dtype; Y = A x with what torch makes of each pixel as A's columns."""
    pixels = torch.eye(img.numel(), dtype=torch.float64).reshape(-1, 1, *img.shape)
    matrix = F.conv2d(pixels, kernel.double()[None, None]).flatten(1).t()
    x, losses = img.double().flatten(), []
    for _ in range(steps):
        y = matrix @ x
        losses.append(y @ y)
        x = x + 2 * step_size * (y @ matrix)
    return x.reshape(img.shape).to(img.dtype), [float(loss) for loss in losses]


@dataclass(frozen=True)
class _Ascent:
    """How far to climb, and what of the largest element an image may be off by."""

    steps: int
    step_size: float
    relative: float

    def losses(self, reply: Reply, img: Tensor, kernel: Tensor, call: str) -> list[tuple[float, float]]:
        """Judge the image, and how many losses there are; each loss with the right one."""
        expected, curve = ascent(img, kernel, self.steps, self.step_size)
        image, losses = pair(reply, call)
        close(tensor_like(image, img, call), expected, self.relative * float(expected.abs().max()), call)
        values = numbers(losses, f"{call}: losses")
        if len(values) != self.steps:
            raise Wrong(f"{call}\nreturned {len(values)} losses, expected {self.steps}.")
        return list(zip(values, curve, strict=True))

    def judge(self, reply: Reply, img: Tensor, kernel: Tensor) -> None:
        """Judge a call and its repetition; a loss by its own size."""
        sizes = f"img {tuple(img.shape)}, kernel {tuple(kernel.shape)}"
        call = f"gradient_ascent({sizes}, {self.steps}, {self.step_size})"
        for n, (value, wanted) in enumerate(self.losses(reply.reply("value"), img, kernel, call)):
            near(value, wanted, max(self.relative, 1e-9), f"{call}: losses[{n}]")
        well_behaved(reply, [img, kernel], call)

    def judge_rounded(self, reply: Reply, img: Tensor, kernel: Tensor, call: str) -> None:
        """Judge a result whose losses may nearly cancel: one is off by what the sums in it are rounded by."""
        pairs = self.losses(reply, img, kernel, call)
        slack = self.relative * loss_scale(img, kernel, [wanted for _, wanted in pairs])
        for n, (value, wanted) in enumerate(pairs):
            if not math.isclose(value, wanted, rel_tol=self.relative, abs_tol=slack):
                raise Wrong(f"{call}: losses[{n}] is {value:.6g}, expected {wanted:.6g}.")


def loss_scale(img: Tensor, kernel: Tensor, curve: Sequence[float]) -> float:
    """What a loss would be if nothing cancelled in its sums, grown as much as the losses grow."""
    sums = F.conv2d(img.double().abs()[None, None], kernel.double().abs()[None, None])
    grown = max((1.0, *(loss / curve[0] for loss in curve if curve[0])))
    return float(sums.square().sum()) * grown


@check(
    "q3_4",
    1,
    family="kernels that are not square, in float64, with the caller's image left as it was",
    hint="Each loss is the one before its update; the update adds step_size times the gradient.",
)
def test_not_square(student: Student, rng: Generator) -> None:
    """Three steps of 0.02 with random 2 x 3 and 3 x 2 kernels, by position and by name; nor is Y square."""
    for shape, kernel_shape, by_name in (((4, 6), (2, 3), False), ((6, 4), (3, 2), True)):
        img, kernel = noise(rng, shape, torch.float64), noise(rng, kernel_shape, torch.float64)

        def judge(reply: Reply, img: Tensor = img, kernel: Tensor = kernel) -> None:
            _Ascent(3, 0.02, tolerances.ASCENT).judge(reply, img, kernel)

        on_its_own(student, "ascend", judge, img=img, kernel=kernel, steps=3, step_size=0.02, by_name=by_name)


@check(
    "q3_4",
    1,
    family="the defaults, 100 steps of 0.01, in float32",
    hint="Keep the defaults of the function's signature, and a loss for every step.",
)
def test_defaults(student: Student, rng: Generator) -> None:
    """A kernel small enough that nothing overflows."""
    img = noise(rng, (4, 4))
    kernel = noise(rng, (2, 2))
    kernel = kernel * (0.5 / math.sqrt(float(kernel.square().sum())))

    def judge(reply: Reply) -> None:
        _Ascent(100, 0.01, 1e-3).judge(reply, img, kernel)

    on_its_own(student, "ascend", judge, img=img, kernel=kernel)


@check(
    "q3_4",
    1,
    family="combinations of sizes, steps, dtypes, layouts and values, and calls that follow others",
    hint="Neither how the image lies in memory nor an earlier call may matter; no result changes later.",
)
def test_combinations(student: Student, rng: Generator) -> None:
    """Every pair of levels of the domain, with kernels of norm 1/2."""
    judge_combinations(student, "ascend", ASCENT, [_case(row, rng) for row in ASCENT.rows])


def drawn_ascent(row: Row, rng: Generator) -> tuple[Tensor, Tensor, int, float]:
    """A row's image, kernel, number of steps and step size."""
    img, kernel = drawn_tensors(row, *drawn_sizes(row, rng), rng)
    if row["layout"] != "shared":
        kernel = kernel / (2 * torch.linalg.vector_norm(kernel))
    return img, kernel, int(row["steps"]), STEP_SIZES[row["step size"]]


def _case(row: Row, rng: Generator) -> Case:
    img, kernel, steps, step_size = drawn_ascent(row, rng)
    sizes = tuple(img.shape), tuple(kernel.shape)
    call = f"gradient_ascent(img {sizes[0]}, kernel {sizes[1]}, {steps}, {step_size}) with {row}"

    right = _Ascent(steps, step_size, tolerances.ascent(img.dtype, steps))

    def judge(reply: Reply) -> None:
        judge_with_history(reply, row, (img, kernel), right.judge_rounded, call)

    how: dict[str, Value] = {"layout": row["layout"], "history": row["history"]}
    how |= {"steps": steps, "step_size": step_size, "by_name": row["call"] == "by name"}
    return {"img": img, "kernel": kernel, **how}, judge
