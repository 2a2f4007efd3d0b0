"""An epoch as the grader trains it against the bare loop: `python benchmarks/epoch.py`.

Both train the reference's network on the bundled sample, from the same weights, in the same order, with one
thread, in turns in one process. The grader's epoch has a real DataLoader, the student's figures and a digest
of the weights before every step; the bare one gets its batches ready made. Prints the ratio of their CPU
times.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "assignment")]

from lab06 import data, probes  # noqa: E402

from autograder.checking.context import Context  # noqa: E402
from autograder.checking.student import LocalStudent  # noqa: E402
from autograder.lab import load_lab  # noqa: E402
from autograder.modules import Modules  # noqa: E402

SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    context = Context.default(load_lab())
    settings = context.lab.training
    assert settings is not None
    digits, batch_size = data.digits(context), settings.batch_size
    grader = LocalStudent(context.reference.sources, probes)  # the reference itself keeps its replies
    order = torch.randperm(len(digits.train_labels), generator=torch.Generator().manual_seed(SEED))
    with Modules(context.reference.sources) as modules:
        make_model = modules.load("model").build_model
        pieces = modules.load("training")

    def graders() -> object:
        return grader.run(
            "train_model",
            images=digits.train_images,
            labels=digits.train_labels,
            orders=order[None],
            batch_size=batch_size,
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
