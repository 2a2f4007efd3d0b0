"""An epoch as the grader trains it against the bare loop: `python benchmarks/epoch.py`.

Both train the reference's network on the bundled sample, from the same weights, in the same order, with one
thread, in turns in one process. The grader's epoch has a real DataLoader, the student's figures and the
average of the weights; the bare one gets its batches ready made. Prints the ratio of their CPU times.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from autograder.checking.context import Context
from autograder.lab import load_lab
from autograder.modules import Modules

DECAY, SEED = 0.9, 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    context = Context.default(load_lab())
    digits, batch_size = context.digits, context.lab.training.batch_size
    order = torch.randperm(len(digits.train_labels), generator=torch.Generator().manual_seed(SEED))
    with Modules(context.reference.sources) as modules:
        make_model = modules.load("model").build_model
        pieces = modules.load("training")

    def graders() -> object:
        return context.reference.run(
            "train_model",
            images=digits.train_images,
            labels=digits.train_labels,
            orders=order[None],
            batch_size=batch_size,
            decay=DECAY,
            seed=SEED,
            device="cpu",
            weights={},
            layers=[],
            loss="",
            optimizer={},
        )

    images = digits.train_images[order].unsqueeze(1).float().div(255).split(batch_size)
    labels = digits.train_labels[order].split(batch_size)

    def bare() -> object:
        torch.manual_seed(SEED)
        model = make_model()
        optimizer = pieces.make_optimizer(model)
        for x, y in zip(images, labels, strict=True):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        return model

    times = [(seconds(bare), seconds(graders)) for _ in range(chosen.rounds + 1)][1:]
    bare_time, graders_time = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"bare loop {bare_time:.2f} CPU s, the grader's epoch {graders_time:.2f} CPU s")
    print(f"ratio {statistics.median(ours / theirs for theirs, ours in times):.3f} (wanted: at most 1.15)")


def seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
