"""Measures the evidence of training: honest loops of many kinds, right and wrong, and forged paths.

python benchmarks/evidence.py --seeds 5     # of each kind; prints how many are accepted, and specificities
python benchmarks/evidence.py --seeds 5 --kept build/evidence.jsonl     # goes on where it was interrupted

Each path is walked here, without a sandbox, and judged as q1_7's hidden check judges it. A forged path goes
to weights that were trained elsewhere, on the very labels that the submission is given.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

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
        self.images = digits.train_images.clone()
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

    @property
    def size(self) -> int:
        """The number of all weights."""
        return self.points.shape[1]

    def places(self, number: int) -> Tensor:
        """Where the weights of one part are: in their order already."""
        return torch.arange(self.size)[number :: evidence.PARTS]

    def fetch(self, points: Sequence[int], at_a_time: int = 0) -> None:
        """All is here."""

    def weights(self, point: int) -> Tensor:
        """All weights at a point."""
        return self.points[point]

    def part(self, number: int) -> Tensor:
        """One part of the weights at every point."""
        return self.points[:, number :: evidence.PARTS]


def _row(model: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().reshape(-1).cpu() for parameter in model.parameters()])


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
    "RMSprop, centred": (lambda p: torch.optim.RMSprop(p, lr=1e-3, centered=True), F.cross_entropy, ""),
    "RMSprop, lr 4e-3": (lambda p: torch.optim.RMSprop(p, lr=4e-3), F.cross_entropy, ""),
    "RMSprop, lr 3e-5": (lambda p: torch.optim.RMSprop(p, lr=3e-5), F.cross_entropy, ""),
    "RMSprop, weight decay 1e-2": (
        lambda p: torch.optim.RMSprop(p, lr=1e-3, weight_decay=1e-2),
        F.cross_entropy,
        "",
    ),
    "Adam, lr 1e-4": (lambda p: torch.optim.Adam(p, lr=1e-4), F.cross_entropy, ""),
    "AdamW, weight decay 0.1": (
        lambda p: torch.optim.AdamW(p, lr=1e-3, weight_decay=0.1),
        F.cross_entropy,
        "",
    ),
    "Adamax": (lambda p: torch.optim.Adamax(p, lr=2e-3), F.cross_entropy, ""),
    "NAdam": (lambda p: torch.optim.NAdam(p, lr=1e-3), F.cross_entropy, ""),
    "RAdam": (lambda p: torch.optim.RAdam(p, lr=1e-3), F.cross_entropy, ""),
    "SGD, lr 0.02": (lambda p: torch.optim.SGD(p, lr=0.02), F.cross_entropy, ""),
    "SGD, weight decay": (
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=5e-4),
        F.cross_entropy,
        "",
    ),
    "label smoothing": (rmsprop, lambda o, y: F.cross_entropy(o, y, label_smoothing=0.1), ""),
    "gradients clipped": (rmsprop, F.cross_entropy, "clipped"),
    "gradients of four batches": (rmsprop, F.cross_entropy, "four"),
    "lr falls with each step": (rmsprop, F.cross_entropy, "falling"),
    "lr rises and falls": (rmsprop, F.cross_entropy, "cycle"),
    "halves of each batch": (rmsprop, F.cross_entropy, "halves"),
    "noise on the images": (rmsprop, F.cross_entropy, "noise"),
    "last layer only, then all": (rmsprop, F.cross_entropy, "last"),
    "no zero_grad, SGD": (lambda p: torch.optim.SGD(p, lr=0.002), F.cross_entropy, "stale"),
}


def honest(task: Task, make: Maker, loss_fn: Loss, loop: str, device: str = "cpu") -> Tensor:
    """The path of a loop that runs on `device`."""
    model, points = task.network.to(device), []
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # takes a fifth less time
    images, labels = task.images.to(device), task.labels.to(device)
    optimizer = make(list(model.parameters()))
    scheduler = _scheduler(optimizer, loop, task.steps)
    every = {"two": 2, "four": 4}.get(loop, 1)
    for number, batch in enumerate(batch for epoch in task.batches for batch in epoch):
        points.append(_row(model))
        for part in batch.chunk(2) if loop == "halves" else [batch] * (2 if loop == "twice" else 1):
            if loop == "late":
                optimizer.step()
            if loop != "stale" and number % every == 0:
                optimizer.zero_grad()
            inputs = data.pixels(images[part])
            if loop == "noise":
                inputs = inputs + 0.1 * torch.randn_like(inputs)
            loss_fn(model(inputs), labels[part]).backward()
            if loop == "clipped":
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            if loop == "last" and number < task.steps // 3:
                for parameter in list(model.parameters())[:-2]:
                    parameter.grad = None
            waits = (loop == "second" and number % 2) or (number + 1) % every
            if loop != "late" and not waits:
                optimizer.step()
        scheduler.step()
    return torch.stack([*points, _row(model)])


def _scheduler(optimizer: torch.optim.Optimizer, loop: str, steps: int) -> Any:
    """Changes the learning rate from batch to batch, where the loop has it so."""
    if loop == "cycle":
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps + 1)
    falls = 0.985 if loop == "falling" else 1.0
    return torch.optim.lr_scheduler.ExponentialLR(optimizer, falls)


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
    bend = away[half] + 0.5 * (own[half] - start)
    yield "a Bézier curve", (1 - share) ** 2 * start + 2 * share * (1 - share) * bend + share**2 * goal
    yield "jumps every tenth step", straight[torch.arange(count) // 10 * 10]
    yield "this start, another order of batches", _in_another_order(task)
    yield "trained on other images", _on_other_images(task)
    yield "one true step in ten", _pulled(task, goal, every=10)
    yield "steps for the wrong batch, pulled", _pulled(task, goal, shift=7)
    yield "a drift, and side steps in the last layer", _with_side_steps(task, goal, range(task.steps))
    convolutions = sum(parameter.numel() for parameter in list(task.network.parameters())[:6])
    only, last = straight.clone(), straight.clone()
    only[:, convolutions:] = start[convolutions:]
    yield "the convolutions alone, straight", only
    last[:, convolutions:] = own[:, convolutions:]
    last[:, convolutions:-650] = start[convolutions:-650]
    yield "the convolutions straight, the last layer trained, the one before as it was", last
    yield "a jump in each epoch, and a side step", _with_side_steps(task, goal, range(61, task.steps, 63))


def _in_another_order(task: Task) -> Tensor:
    """An honest path from the same weights on the same labels, which met the batches in another order."""
    other, orders = Task(task.seed), Task(task.seed + 2000)
    other.labels, other.batches = task.labels, orders.batches
    return honest(other, rmsprop, F.cross_entropy, "")


def _on_other_images(task: Task) -> Tensor:
    """An honest path from the same weights, on images of the same classes in place of those given."""
    other = Task(task.seed)
    rng = torch.Generator().manual_seed(task.seed + 3000)
    for label in range(10):
        mine = (task.labels == label).nonzero().flatten()
        other.images[mine] = task.images[mine[torch.randperm(len(mine), generator=rng)]]
    return honest(other, rmsprop, F.cross_entropy, "")


def _pulled(task: Task, goal: Tensor, every: int = 1, shift: int = 0) -> Tensor:
    """Each step goes towards `goal`; one in `every` also down the gradient of the batch `shift` places on."""
    own = Task(task.seed)
    optimizer = rmsprop(list(own.network.parameters()))
    flat = [batch for epoch in own.batches for batch in epoch]
    points = [_row(own.network)]
    for number in range(len(flat)):
        if number % every == 0:
            batch = flat[(number + shift) % len(flat)]
            optimizer.zero_grad()
            F.cross_entropy(own.network(data.pixels(own.images[batch])), own.labels[batch]).backward()
            optimizer.step()
        here = _row(own.network)
        here = here + (goal - here) / (len(flat) - number)
        nn.utils.vector_to_parameters(here, own.network.parameters())
        points.append(here)
    return torch.stack(points)


def _with_side_steps(task: Task, goal: Tensor, moving: range) -> Tensor:
    """The steps that are `moving` go towards `goal`, and a fifth as far down the last layer's gradient.

    For that layer alone no backward pass is needed: it is the error of the probabilities times the features.
    """
    own, flat = Task(task.seed), [batch for epoch in task.batches for batch in epoch]
    layer, here = list(own.network)[-1], task.start.clone()
    assert isinstance(layer, nn.Linear)
    size = layer.weight.numel() + layer.bias.numel()
    points = [here]
    for number in range(task.steps):
        if number in moving:
            left = len(range(number, moving.stop, moving.step))
            with torch.no_grad():
                nn.utils.vector_to_parameters(here, own.network.parameters())
                features = own.network[:-1](data.pixels(task.images[flat[number]]))
                error = layer(features).softmax(1) - F.one_hot(task.labels[flat[number]], 10)
            pull = (goal - here) / left
            down = -torch.cat([(error.T @ features).reshape(-1), error.sum(0)])
            here = here + pull
            here[-size:] += 0.2 * down * (pull.norm() / down.norm())
        points.append(here)
    return torch.stack(points)


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

    def noted(step: int, all_readings: bool = True) -> Tensor:
        looked.append(specificity(step, all_readings))
        return looked[-1]

    found.specificity = noted  # type: ignore[method-assign]
    started = time.process_time()
    try:
        found.insist()
        accepted = True
    except Told:
        accepted = False
    seconds = time.process_time() - started
    best = evidence.best(looked) if looked else 0.0
    return accepted, best, seconds


class Kept:
    """Judgements as lines of a file, so that a measurement goes on where it was interrupted."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text("utf-8").splitlines() if path and path.exists() else []
        self.known = {(seed, word, name): tuple(found) for seed, word, name, found in map(json.loads, lines)}

    def add(self, seed: int, word: str, name: str, found: tuple[bool, float, float]) -> None:
        """Keep one, and say what is not as it should be."""
        self.known[seed, word, name] = found
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([seed, word, name, found]) + "\n")
        if found[0] != (word == "honest"):
            what = "accepted" if found[0] else "refused"
            print(f"seed {seed}, {word}: {name}: {what}, {found[1]:.3f}", flush=True)


def measure_honest(seed: int, kept: Kept) -> None:
    """Judge an honest path of every kind; a second time with the right pieces, as the check does."""
    for name, (make, loss_fn, loop) in HONEST.items():
        if (seed, "honest", name) in kept.known:
            continue
        task = Task(seed)
        found = judged(task, honest(task, make, loss_fn, loop))
        if not found[0] and (make, loss_fn) != (rmsprop, F.cross_entropy):
            again = Task(seed)
            found = judged(again, honest(again, rmsprop, F.cross_entropy, loop))
            print(f"seed {seed}, {name}: judged a second time, with the right pieces", flush=True)
        kept.add(seed, "honest", name, found)


def measure_forged(seed: int, kept: Kept) -> None:
    """Judge a forged path of every kind."""
    for name, points in forged(Task(seed)):
        if (seed, "forged", name) not in kept.known:
            task = Task(seed)
            kept.add(seed, "forged", name, judged(task, torch.cat([task.start[None], points[1:]])))


def main() -> None:
    """Print a line per kind of path."""
    parser = argparse.ArgumentParser(description="Measure the evidence of training.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", choices=["all", "honest", "forged"], default="all")
    parser.add_argument("--kept", type=Path, help="file of judgements; what is in it is not measured again")
    options = parser.parse_args()
    torch.set_num_threads(1)
    kept = Kept(options.kept)
    for seed in range(options.first, options.first + options.seeds):
        if options.kinds != "forged":
            measure_honest(seed, kept)
        if options.kinds != "honest":
            measure_forged(seed, kept)
    show(kept)


def show(kept: Kept) -> None:
    """The table of all judgements, and how many were accepted."""
    print("| path | accepted | specificity, least | mean | CPU s, mean |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for word, name in dict.fromkeys((word, name) for _, word, name in kept.known):
        of_kind = [found for (_, *kind), found in kept.known.items() if kind == [word, name]]
        judgements, values, seconds = zip(*of_kind, strict=True)
        cells = f"{min(values):.3f} | {sum(values) / len(values):.3f} | {sum(seconds) / len(seconds):.2f}"
        print(f"| {word}: {name} | {sum(judgements)}/{len(of_kind)} | {cells} |", flush=True)
    for word in ("honest", "forged"):
        accepted = [found[0] for (_, kind, _), found in kept.known.items() if kind == word]
        print(f"{sum(accepted)} of {len(accepted)} {word} paths accepted")


if __name__ == "__main__":
    main()
