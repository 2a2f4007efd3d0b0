"""Measures the evidence of training: honest loops of many kinds, right and wrong, and forged paths.

python benchmarks/evidence.py --seeds 5     # of each kind; prints how many are accepted, and specificities

Each path is walked here, without a sandbox, and judged as q1_7's hidden check judges it. A forged path goes
to weights that were trained elsewhere, on the very labels that the submission is given.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "assignment")]

from lab06 import data  # noqa: E402
from lab06.hidden import evidence  # noqa: E402
from lab06.hidden.test_q1_7 import LAYERS  # noqa: E402
from lab06.probes import network  # noqa: E402

from autograder.checking.context import Context  # noqa: E402
from autograder.checking.judge import Told  # noqa: E402
from autograder.lab import load_lab  # noqa: E402

BATCH, EPOCHS = 64, 3
Loss = Callable[[Tensor, Tensor], Tensor]
Maker = Callable[[list[nn.Parameter]], torch.optim.Optimizer]


class Task:
    """What one submission would be given: images, labels, the order of the batches, initial weights."""

    def __init__(self, seed: int) -> None:
        digits = data.digits(Context.default(load_lab(ROOT)))
        rng = torch.Generator().manual_seed(seed)
        self.seed = seed
        self.images = digits.train_images.unsqueeze(1).float() / 255
        self.labels = torch.randperm(10, generator=rng)[digits.train_labels]
        orders = [torch.randperm(len(self.labels), generator=rng) for _ in range(EPOCHS)]
        self.batches = [order.split(BATCH) for order in orders]
        torch.manual_seed(seed)
        self.network = network(LAYERS)
        self.start = _row(self.network)

    @property
    def steps(self) -> int:
        """How many steps an honest loop makes."""
        return sum(map(len, self.batches))


class Recorded:
    """A path that is known as a whole, in place of one that a child walked."""

    def __init__(self, points: Tensor) -> None:
        self.points = points

    def __len__(self) -> int:
        return len(self.points) - 1

    def fetch(self, points: Sequence[int], at_a_time: int = 0) -> None:
        """All is here."""

    def weights(self, point: int) -> Tensor:
        """All weights at a point."""
        return self.points[point]

    def part(self, number: int) -> Tensor:
        """One part of the weights at every point."""
        return self.points.tensor_split(evidence.PARTS, dim=1)[number]


def _row(model: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().reshape(-1) for parameter in model.parameters()])


# ---- honest loops ----------------------------------------------------------------------------------


def rmsprop(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """The lab's optimizer."""
    return torch.optim.RMSprop(parameters, lr=1e-3, weight_decay=1e-5)


def squares(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean squared error of the softmax."""
    return F.mse_loss(logits.softmax(1), F.one_hot(labels, 10).float())


def twice_softmax(logits: Tensor, labels: Tensor) -> Tensor:
    """A softmax before the loss."""
    return F.cross_entropy(logits.softmax(1), labels)


HONEST: dict[str, tuple[Maker, Loss, str]] = {
    "RMSprop": (rmsprop, F.cross_entropy, ""),
    "RMSprop, momentum": (lambda p: torch.optim.RMSprop(p, lr=1e-3, momentum=0.9), F.cross_entropy, ""),
    "RMSprop, lr 1e-4": (lambda p: torch.optim.RMSprop(p, lr=1e-4), F.cross_entropy, ""),
    "RMSprop, alpha 0.9": (lambda p: torch.optim.RMSprop(p, lr=1e-3, alpha=0.9), F.cross_entropy, ""),
    "RMSprop, no weight decay": (lambda p: torch.optim.RMSprop(p, lr=1e-3), F.cross_entropy, ""),
    "Adam": (lambda p: torch.optim.Adam(p, lr=1e-3), F.cross_entropy, ""),
    "Adam, lr 1e-2": (lambda p: torch.optim.Adam(p, lr=1e-2), F.cross_entropy, ""),
    "AdamW": (lambda p: torch.optim.AdamW(p, lr=1e-3), F.cross_entropy, ""),
    "Adagrad": (lambda p: torch.optim.Adagrad(p, lr=1e-2), F.cross_entropy, ""),
    "SGD, momentum": (lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), F.cross_entropy, ""),
    "SGD, Nesterov": (
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        F.cross_entropy,
        "",
    ),
    "SGD, lr 0.1": (lambda p: torch.optim.SGD(p, lr=0.1), F.cross_entropy, ""),
    "each batch twice": (rmsprop, F.cross_entropy, "twice"),
    "step before backward": (rmsprop, F.cross_entropy, "late"),
    "no zero_grad": (rmsprop, F.cross_entropy, "stale"),
    "step on every second batch": (rmsprop, F.cross_entropy, "second"),
    "gradients of two batches": (rmsprop, F.cross_entropy, "two"),
    "squared error": (rmsprop, squares, ""),
    "softmax before the loss": (rmsprop, twice_softmax, ""),
    "loss summed": (rmsprop, lambda o, y: F.cross_entropy(o, y, reduction="sum"), ""),
}


def honest(task: Task, make: Maker, loss_fn: Loss, loop: str) -> Tensor:
    """The path of a loop."""
    model, points = task.network, []
    optimizer = make(list(model.parameters()))
    for number, batch in enumerate(batch for epoch in task.batches for batch in epoch):
        points.append(_row(model))
        for _ in range(2 if loop == "twice" else 1):
            if loop == "late":
                optimizer.step()
            if loop not in ("stale", "two") or (loop == "two" and number % 2 == 0):
                optimizer.zero_grad()
            loss_fn(model(task.images[batch]), task.labels[batch]).backward()
            waits = (loop == "second" and number % 2) or (loop == "two" and number % 2 == 0)
            if loop != "late" and not waits:
                optimizer.step()
    return torch.stack([*points, _row(model)])


# ---- forged paths ----------------------------------------------------------------------------------


def trained_elsewhere(task: Task, loop_seed: int = 1000) -> Tensor:
    """An honest path on the same labels from other initial weights and in another order."""
    other = Task(task.seed + loop_seed)
    other.labels = task.labels
    return honest(other, rmsprop, F.cross_entropy, "")


def forged(task: Task) -> Iterator[tuple[str, Tensor]]:
    """Paths from the task's initial weights to weights that were trained elsewhere."""
    away = trained_elsewhere(task)
    own = honest(Task(task.seed), rmsprop, F.cross_entropy, "")
    start, goal, count = task.start, away[-1], task.steps + 1
    share = torch.linspace(0, 1, count)[:, None]
    noise = torch.randn(count, len(start), generator=torch.Generator().manual_seed(task.seed))
    straight = start + share * (goal - start)
    half = count // 2
    rest = torch.linspace(0, 1, count - half)[:, None]
    third = count // 3
    yield "straight", straight
    yield "along a square root", start + share.sqrt() * (goal - start)
    yield "curved", straight + (share * (1 - share)) * noise[0] * 0.05
    yield "noisy", straight + noise * 0.002
    yield "very noisy", straight + noise * 0.02 * (1 - share)
    yield "a random walk, then the goal", torch.cat([start + 0.001 * noise[:-1].cumsum(0), goal[None]])
    yield "somebody else's path", away
    yield "somebody else's path, bent to this start", away + (1 - share) * (start - away[0])
    yield "a jump in the middle", torch.cat([own[:half], away[half:]])
    yield "a jump at the end", torch.cat([own[:-1], goal[None]])
    yield "trained for half, then straight", torch.cat([own[:half], own[half] + rest * (goal - own[half])])
    yield (
        "straight for half, then trained",
        torch.cat([start + torch.linspace(0, 1, half)[:, None] * (away[half] - start), away[half:]]),
    )
    ramp = torch.linspace(0, 1, third)[:, None]
    yield (
        "trained, a ramp, trained elsewhere",
        torch.cat([own[:third], own[third] + ramp * (away[2 * third] - own[third]), away[2 * third :]]),
    )
    yield "goal from the start", goal.expand(count, -1)
    yield (
        "steps of the right size, any direction",
        torch.cat([start[None], start + _like(own, noise).cumsum(0)]),
    )
    yield "backwards", away.flip(0)


def _like(own: Tensor, noise: Tensor) -> Tensor:
    sizes = (own[1:] - own[:-1]).norm(dim=1, keepdim=True)
    steps: Tensor = noise[1:] / noise[1:].norm(dim=1, keepdim=True) * sizes
    return steps


# ---- judging ---------------------------------------------------------------------------------------


def judged(task: Task, points: Tensor) -> tuple[bool, float, float]:
    """Whether a path is accepted, the mean specificity of even steps, and the CPU seconds it took."""
    counts = [len(epoch) for epoch in task.batches]
    rng = torch.Generator().manual_seed(task.seed + 77)
    found = evidence.Evidence(
        Recorded(points),  # type: ignore[arg-type]
        task.start,
        network(LAYERS),
        task.images,
        task.labels,
        task.batches,
        counts,
        rng,
    )
    looked: list[Tensor] = []
    specificity = found.specificity

    def noted(step: int) -> Tensor:
        looked.append(specificity(step))
        return looked[-1]

    found.specificity = noted  # type: ignore[method-assign]
    started = time.process_time()
    try:
        found.insist()
        accepted = True
    except Told:
        accepted = False
    seconds = time.process_time() - started
    best = float(torch.stack(looked).mean(0).max()) if looked else 0.0
    return accepted, best, seconds


def paths(seed: int, kinds: str) -> Iterator[tuple[str, bool, Task, Tensor]]:
    """Every kind of path for one seed: its name, whether it is honest, its task and its points."""
    if kinds in ("all", "honest"):
        for name, (make, loss_fn, loop) in HONEST.items():
            task = Task(seed)
            yield name, True, task, honest(task, make, loss_fn, loop)
    if kinds in ("all", "forged"):
        for name, points in forged(Task(seed)):
            task = Task(seed)
            yield name, False, task, torch.cat([task.start[None], points[1:]])


def main() -> None:
    """Print a line per kind of path."""
    parser = argparse.ArgumentParser(description="Measure the evidence of training.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", choices=["all", "honest", "forged"], default="all")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows: dict[tuple[bool, str], list[tuple[bool, float, float]]] = {}
    for seed in range(options.first, options.first + options.seeds):
        for name, is_honest, task, points in paths(seed, options.kinds):
            found = judged(task, points)
            if is_honest and not found[0] and HONEST[name][:2] != (rmsprop, F.cross_entropy):
                again = Task(seed)  # as the check does: the same loop with the right loss and optimizer
                found = judged(again, honest(again, rmsprop, F.cross_entropy, HONEST[name][2]))
                print(f"seed {seed}, {name}: judged a second time, with the right pieces", flush=True)
            rows.setdefault((is_honest, name), []).append(found)
            if found[0] != is_honest:
                print(
                    f"seed {seed}, {name}: {'accepted' if found[0] else 'refused'}, {found[1]:.3f}",
                    flush=True,
                )
    print(
        "| path | accepted | specificity, least | mean | CPU s, mean |\n| --- | ---: | ---: | ---: | ---: |"
    )
    for (is_honest, name), judgements in rows.items():
        accepted, values, seconds = zip(*judgements, strict=True)
        word = "honest" if is_honest else "forged"
        cells = f"{min(values):.3f} | {sum(values) / len(values):.3f} | {sum(seconds) / len(seconds):.2f}"
        print(f"| {word}: {name} | {sum(accepted)}/{len(judgements)} | {cells} |", flush=True)
    for wanted, word in ((True, "honest"), (False, "forged")):
        all_of_them = [one for (kind, _), of_kind in rows.items() if kind == wanted for one in of_kind]
        print(f"{sum(one[0] for one in all_of_them)} of {len(all_of_them)} {word} paths accepted")


if __name__ == "__main__":
    main()
