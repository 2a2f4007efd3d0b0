"""Measures what q1_7's threshold rests on: accuracies of right solutions over seeds, and of typical mistakes.

python benchmarks/threshold.py --seeds 20                    # the bundled sample
python benchmarks/threshold.py --seeds 10 --data MNIST_DIR   # all of MNIST
python benchmarks/threshold.py --mistakes                    # what the threshold notices
python benchmarks/threshold.py --device cuda                 # the same on a GPU
python benchmarks/threshold.py --page --seeds 100 --data MNIST_DIR > benchmarks/threshold.md
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "assignment")]

from lab06 import probes  # noqa: E402
from lab06.data import digits as digits_of  # noqa: E402
from lab06.hidden.test_q1_7 import Trainer, Trial  # noqa: E402

from autograder.checking.context import Context  # noqa: E402
from autograder.checking.judge import Wrong  # noqa: E402
from autograder.checking.student import LocalStudent, StudentFailure  # noqa: E402
from autograder.lab import load_lab  # noqa: E402

MISTAKES = {
    "never stepped": ("training", "optimizer.step()", "pass"),
    "no zero_grad": ("training", "optimizer.zero_grad()", "pass"),
    "labels shifted by one": (
        "training",
        "batch_loss = loss_fn(logits, y)",
        "batch_loss = loss_fn(logits, (y + 1) % 10)",
    ),
    "stops after 10 batches": ("training", "    for x, y in loader:", "    for x, y in list(loader)[:10]:"),
    "softmax before the loss": ("training", "loss_fn(logits, y)\n", "loss_fn(logits.softmax(1), y)\n"),
    "learning rate 1e-1": ("training", "lr=1e-3", "lr=1e-1"),
    "learning rate 1e-4": ("training", "lr=1e-3", "lr=1e-4"),
    "SGD instead of RMSprop": ("training", "RMSprop", "SGD"),
    "weight decay 0.1": ("training", "weight_decay=1e-5", "weight_decay=1e-1"),
    "no ReLU after conv3": ("model", "        nn.ReLU(),\n        nn.Flatten(),", "        nn.Flatten(),"),
}


def upper_bound(failures: int, trials: int, confidence: float = 0.95) -> float:
    """One-sided Clopper-Pearson upper bound of a failure probability, by bisection."""
    from math import comb

    low, high = 0.0, 1.0
    for _ in range(60):
        p = (low + high) / 2
        tail = sum(comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(failures + 1))
        low, high = (p, high) if tail > 1 - confidence else (low, p)
    return high


def trained(trainer: Trainer, seed: int) -> Trial | None:
    """One run, or None when the code brings no weights that came from training."""
    try:
        return trainer.trial(seed, own_pieces=True)
    except (Wrong, StudentFailure):
        return None


def report_seeds(trainer: Trainer, seeds: int, attempts: int) -> None:
    """Print the distribution over seeds and the false-fail estimate."""
    started = time.process_time()
    trials = [trial for seed in range(seeds) if (trial := trained(trainer, seed))]
    print(f"{len(trials)} of {seeds} runs ended; {(time.process_time() - started) / seeds:.1f} CPU s a run")
    for name in ("last", "averaged"):
        values = [getattr(trial, name) for trial in trials]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        print(f"{name:>9}: min {min(values):.4f}  mean {statistics.mean(values):.4f}  sd {spread:.4f}")
    low = sum(trial.averaged < trainer.run.threshold for trial in trials)
    p = upper_bound(low, len(trials))
    print(f"{low} of {len(trials)} averaged runs under {trainer.run.threshold}: p <= {p:.4f} an attempt")
    print(f"false fail of all {attempts} attempts: <= {p**attempts:.1e} (95 % Clopper-Pearson, independent)")


def report_mistakes(context: Context, trainer: Trainer, seeds: int) -> None:
    """Print the best averaged accuracy of each typical mistake."""
    for name, (module, old, new) in MISTAKES.items():
        text = context.reference.sources[module]
        assert old in text, f"{name}: {module}.py holds no {old!r}"
        student = LocalStudent({**context.reference.sources, module: text.replace(old, new)}, probes)
        trials = [
            trained(Trainer(student, context, trainer.run, trainer.digits), seed) for seed in range(seeds)
        ]
        best = max((trial.averaged for trial in trials if trial), default=0.0)
        noticed = "noticed" if best < trainer.run.threshold else "not noticed here"
        print(f"{name:<26} {best:.3f}  {noticed}")


def report(arguments: argparse.Namespace, seeds: int, data: Path | None, *, mistakes: bool = False) -> None:
    """Print one table: of seeds, or of mistakes."""
    lab = load_lab(ROOT)
    context = Context(lab, arguments.device, data, 0)
    settings = lab.training
    assert settings is not None
    digits = digits_of(context)
    run = settings.run(digits.name == "full")
    trainer = Trainer(context.reference, context, run, digits)
    size = len(digits.train_labels)
    print(f"data {digits.name}, {size} images x {run.epochs}, {arguments.device}")
    if mistakes:
        report_mistakes(context, trainer, seeds)
    else:
        report_seeds(trainer, seeds, settings.attempts)


def write_page(arguments: argparse.Namespace) -> None:
    """Print all tables as the page benchmarks/threshold.md."""
    print("# What the threshold of q1_7 rests on\n")
    print("Averaged weights decide; the last ones go on the leaderboard. Written by")
    print("`python benchmarks/threshold.py --page --seeds 100 --data MNIST_DIR > benchmarks/threshold.md`;")
    print(f"torch {torch.__version__}, {arguments.device}, one thread.\n")
    few = min(arguments.seeds, 4)
    _block("The bundled sample", arguments, arguments.seeds, None)
    if arguments.data:
        _block(f"All of MNIST, {few} seeds: they prove little by counting", arguments, few, arguments.data)
    _block("What it notices: the best of two seeds", arguments, 2, None, mistakes=True)
    print(
        "0 is for weights that did not come from training. What this does not notice is the work of the other"
    )
    print("questions' checks: `convlab audit` has each of these mistakes.")


def _block(
    title: str, arguments: argparse.Namespace, seeds: int, data: Path | None, *, mistakes: bool = False
) -> None:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        report(arguments, seeds, data, mistakes=mistakes)
    indented = "\n".join(f"    {line}" for line in text.getvalue().splitlines())
    print(f"## {title}\n\n{indented}\n", flush=True)


def main() -> None:
    """Parse the command line and print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--mistakes", action="store_true")
    parser.add_argument("--page", action="store_true", help="all tables, as Markdown")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.page:
        write_page(arguments)
    else:
        report(arguments, arguments.seeds, arguments.data, mistakes=arguments.mistakes)


if __name__ == "__main__":
    main()
