"""Measures what the checks' tolerances rest on: how far right code is off, and the nearest mistakes.

python benchmarks/tolerances.py [--rounds 20]

Each row is the largest (right code) or the smallest (mistakes) error, as a multiple of what is tolerated:
right code must stay well below 1, mistakes well above.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "assignment")]

from lab06 import probes, tolerances  # noqa: E402
from lab06.hidden.domains import ASCENT  # noqa: E402
from lab06.hidden.inputs import EXTREMES, NOT_SQUARE, batches, noise  # noqa: E402
from lab06.hidden.networks import CNN, initial  # noqa: E402
from lab06.hidden.test_q1_4 import _moves  # noqa: E402
from lab06.hidden.test_q1_5 import MOMENTUM, RMSPROP  # noqa: E402
from lab06.hidden.test_q3_4 import ascent, drawn_ascent, loss_scale  # noqa: E402
from lab06.hidden.training_domains import (  # noqa: E402
    SINGLE,
    TRAIN,
    drawn_loop,
    drawn_problem,
    dtype_of,
)

from autograder.checking.context import Context  # noqa: E402
from autograder.checking.judge import ask, distance, numbers, pair  # noqa: E402
from autograder.checking.student import LocalStudent  # noqa: E402
from autograder.lab import load_lab  # noqa: E402

SHAPES = (*NOT_SQUARE, *EXTREMES, ((40, 30), (5, 7)), ((28, 28), (28, 28)), ((170, 150), (3, 3)))
Convolution = Callable[[Tensor, Tensor], Tensor]


def by_conv2d(img: Tensor, kernel: Tensor) -> Tensor:
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


def without_onednn(img: Tensor, kernel: Tensor) -> Tensor:
    with torch.backends.mkldnn.flags(enabled=False):
        return by_conv2d(img, kernel)


def by_unfold(img: Tensor, kernel: Tensor) -> Tensor:
    return (img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1) * kernel).sum((-1, -2))


def by_shifts(img: Tensor, kernel: Tensor) -> Tensor:
    rows, columns = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    result = torch.zeros(rows, columns, dtype=img.dtype)
    for k in reversed(range(kernel.shape[0])):
        for el in range(kernel.shape[1]):
            result = result + img[k : k + rows, el : el + columns] * kernel[k, el]
    return result


def by_fft(img: Tensor, kernel: Tensor) -> Tensor:
    product = torch.fft.rfft2(img) * torch.fft.rfft2(kernel, s=img.shape).conj()
    rows, columns = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    result: Tensor = torch.fft.irfft2(product, s=img.shape)[:rows, :columns]
    return result


def in_bfloat16(img: Tensor, kernel: Tensor) -> Tensor:
    return by_unfold(img.bfloat16(), kernel.bfloat16()).to(img.dtype)


RIGHT: dict[str, Convolution] = {
    "F.conv2d": by_conv2d,
    "F.conv2d without oneDNN": without_onednn,
    "unfold": by_unfold,
    "shifted sums": by_shifts,
    "FFT": by_fft,
}


def convolution_ratio(
    function: Convolution, dtype: torch.dtype, rounds: int, pick: Callable[..., float]
) -> float:
    """The largest or smallest (over inputs) of the largest error of an output, over the tolerance."""
    rng = torch.Generator().manual_seed(0)
    ratios = []
    for _ in range(rounds):
        for shape, kernel_shape in SHAPES:
            img, kernel = noise(rng, shape, dtype), noise(rng, kernel_shape, dtype)
            if dtype is torch.float64:  # against a sum that keeps the order of loops: no exact one is at hand
                exact = by_shifts(img, kernel)
            else:
                exact = by_conv2d(img.double(), kernel.double())
            error = float((function(img, kernel).double() - exact.double()).abs().max())
            ratios.append(error / tolerances.convolution(img, kernel, dtype))
    return pick(ratios)


LOOPS = {
    "zero_grad after the step": [
        ("        optimizer.zero_grad()\n", ""),
        ("optimizer.step()\n", "optimizer.step(); optimizer.zero_grad()\n"),
    ],
    "set_to_none=False": [("zero_grad()", "zero_grad(set_to_none=False)")],
    "no model.train()": [("    model.train()\n", "")],
    "example by example": [
        (
            "batch_loss.backward()",
            "[(loss_fn(model(x[i : i + 1]), y[i : i + 1]) / len(y)).backward() for i in range(len(y))]",
        )
    ],
    "loss from the mean of parts": [("loss_fn(logits, y)", "(loss_fn(logits, y) * len(y) / len(y))")],
}
WRONG_LOOPS = {
    "no zero_grad": [("optimizer.zero_grad()", "pass")],
    "loss times 1.01": [("loss_fn(logits, y)", "(loss_fn(logits, y) * 1.01)")],
    "one batch skipped": [("    for x, y in loader:", "    for x, y in list(loader)[1:]:")],
    "a step too many": [("optimizer.step()", "optimizer.step(); optimizer.step()")],
}


ASCENTS: dict[str, list[tuple[str, str]]] = {
    "as in the solution": [],
    "a new image each step": [("        img += step_size *", "        img = img + step_size *")],
    "the two outside": [("_wrt_input(2 * convolved, kernel)", "_wrt_input(convolved, kernel) * 2")],
}


def edited(reference: LocalStudent, module: str, edits: list[tuple[str, str]]) -> LocalStudent:
    """The reference with edits; each must apply."""
    text = reference.sources[module]
    for old, new in edits:
        assert old in text, f"{module}.py holds no {old!r}"
        text = text.replace(old, new)
    return LocalStudent({**reference.sources, module: text}, probes)


def trajectory(student: LocalStudent, reference: LocalStudent, seed: int) -> float:
    """Distance of the weights after three steps, over the tolerance; the larger of two optimizers'."""
    distances = []
    for optimizer in (RMSPROP, MOMENTUM):
        rng: Generator = torch.Generator().manual_seed(seed)
        case: dict[str, Any] = {
            "layers": CNN,
            "weights": initial(CNN, rng),
            "batches": batches(rng, [6, 6, 2], (1, 8, 8), 3),
            "loss": "nll_loss of log_softmax",
            "optimizer": optimizer,
        }
        distances.append(
            distance(*(ask(who, "train", **case).weights("weights") for who in (student, reference)))
        )
    return max(distances) / tolerances.TRAJECTORY


def single_trajectory(student: LocalStudent, reference: LocalStudent, seed: int) -> float:
    """The same for float32 rows of the loops' domain that have several batches; the largest one."""
    rng = torch.Generator().manual_seed(seed)
    rows = [row for row in TRAIN.rows if row["dtype"] == SINGLE and row["batches"] == "several"]
    cases = [{**drawn_loop(row, rng), "stale": False} for row in rows]
    pairs = [[ask(who, "train", **case).weights("weights") for who in (student, reference)] for case in cases]
    return max(distance(*pair) for pair in pairs) / tolerances.TRAJECTORY_OF[torch.float32]


def ascent_ratio(student: LocalStudent, seed: int, own: bool, dtype: str) -> float:
    """The largest error of an image or a loss over the rows of the ascent's domain, over the tolerance."""
    rng, ratios = torch.Generator().manual_seed(seed), [0.0]
    for row in ASCENT.rows:
        img, kernel, steps, step_size = drawn_ascent(row, rng)
        if row["dtype"] != dtype:
            continue
        reply = ask(student, "ascend", img=img, kernel=kernel, steps=steps, step_size=step_size, own=own)
        image, losses = pair(reply.reply("value"), "gradient_ascent")
        expected, curve = ascent(img, kernel, steps, step_size)
        within = tolerances.ascent(img.dtype, steps)
        error = (image.tensor("value").double() - expected.double()).abs().max()
        ratios.append(float(error) / (within * float(expected.abs().max()) or 1.0))
        slack = loss_scale(img, kernel, curve)
        for value, wanted in zip(numbers(losses, "losses"), curve, strict=True):
            ratios.append(abs(value - wanted) / (within * max(abs(wanted), slack) or 1.0))
    return max(ratios)


def optimizer_ratio(student: LocalStudent, reference: LocalStudent, seed: int, dtype: str) -> float:
    """Distance of an optimizer's steps with small weights, over the tolerance."""
    row = {"weights": "small", "gradients": "1", "parameters": "several", "dtype": dtype, "steps": "5"}
    weights, gradients = drawn_problem(row, torch.Generator().manual_seed(seed))
    runs = [
        _moves(
            ask(
                who,
                "optimizer_steps",
                weights=dict(weights),
                gradients=[dict(gradient) for gradient in gradients],
            ),
            weights,
        )
        for who in (student, reference)
    ]
    largest = max(distance(a, b) for a, b in zip(*runs, strict=True))
    return largest / tolerances.OPTIMIZER_OF[dtype_of(row)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    reference = Context.default(load_lab(ROOT)).reference
    print(f"{'convolution and its gradient':<34} {'float32':>10} {'float64':>10}")
    for name, function in RIGHT.items():
        single, double = (convolution_ratio(function, t, rounds, max) for t in (torch.float32, torch.float64))
        print(f"  right: {name:<25} {single:>10.1e} {double:>10.1e}")
    single = convolution_ratio(in_bfloat16, torch.float32, rounds, max)
    print(f"  wrong: {'bfloat16 inside':<25} {single:>10.1e}")
    print("train_one_epoch, weights after 3 steps in float64")
    for kind, table, pick in (("right", LOOPS, max), ("wrong", WRONG_LOOPS, min)):
        for name, edits in table.items():
            student = edited(reference, "training", edits)
            ratio = pick(trajectory(student, reference, s) for s in range(rounds))
            print(f"  {kind}: {name:<27} {ratio:>8.1e}")
    print("train_one_epoch, the float32 rows of its domain")
    for kind, table, pick in (("right", LOOPS, max), ("wrong", WRONG_LOOPS, min)):
        for name, edits in table.items():
            student = edited(reference, "training", edits)
            ratio = pick(single_trajectory(student, reference, s) for s in range(rounds))
            print(f"  {kind}: {name:<27} {ratio:>8.1e}")
    print(f"{'make_optimizer, steps':<34} {'float32':>10} {'float64':>10}")
    for kind, rate in (("right: foreach", "lr=1e-3, foreach=True"), ("wrong: lr 1.01e-3", "lr=1.01e-3")):
        student = edited(reference, "training", [("lr=1e-3", rate)])
        pick = max if "right" in kind else min
        found = [
            pick(optimizer_ratio(student, reference, s, dtype) for s in range(rounds))
            for dtype in (SINGLE, "float64")
        ]
        print(f"  {kind:<32} {found[0]:>10.1e} {found[1]:>10.1e}")
    print(f"{'gradient_ascent, its domain':<34} {'float32':>10} {'float64':>10}")
    for kind, edits in ASCENTS.items():
        student = edited(reference, "gradient", edits)
        for own in (False, True):
            found = [
                max(ascent_ratio(student, s, own, dtype) for s in range(rounds))
                for dtype in (SINGLE, "float64")
            ]
            name = f"{kind}, {'own functions' if own else 'stand-ins'}"
            print(f"  right: {name:<40} {found[0]:>10.1e} {found[1]:>10.1e}")


if __name__ == "__main__":
    main()
