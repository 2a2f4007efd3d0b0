"""Hidden check of q1_7: train, then look at the accuracy on images the student's code never labels."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from autograder.checking.check import check
from autograder.checking.context import Context
from autograder.checking.judge import Reply, Told, Wrong, ask, number, pair
from autograder.checking.student import LocalStudent, Student, StudentFailure
from autograder.lab import Lab, TrainingRun, TrainingSettings
from autograder.modules import Modules
from lab06 import data, probes
from lab06.hidden import evidence
from lab06.hidden.inputs import LOG
from lab06.hidden.pairing import Pairing, layout_of, pairings
from lab06.probes import weights_of

PROBE = torch.zeros(1, 1, 28, 28)
LAYERS: list[Any] = [
    ["conv", 1, 32, 3],
    ["relu"],
    ["pool", 2],
    ["conv", 32, 64, 3],
    ["relu"],
    ["pool", 2],
    ["conv", 64, 64, 3],
    ["relu"],
    ["flatten"],
    ["linear", 576, 64],
    ["relu"],
    ["linear", 64, 10],
]
PIECES: dict[str, Any] = {
    "layers": LAYERS,
    "loss": LOG,
    "optimizer": {"name": "RMSprop", "lr": 1e-3, "weight_decay": 1e-5},
}
"""The right model, loss and optimizer, for those whose own cost them other questions already."""

AVERAGED = 40
"""Points at the end of the path that are averaged; with a decay of 0.9 the older ones count 1.5 %."""

LARGEST = 1e6
"""Of the figures that student code reports nothing beyond this is shown."""

HOPELESS = 0.5
"""Below this averaged accuracy no other seed helps: right runs stay above 0.9 (benchmarks/threshold.py)."""


@dataclass(frozen=True)
class Trial:
    """One training run: figures per epoch, and test accuracy of the last and of the averaged weights."""

    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    last: float
    averaged: float


@dataclass(frozen=True)
class Pieces:
    """What is trained: which parameter is which of the reference's, and what the child is to build."""

    pairing: Pairing
    described: dict[str, Any]


@dataclass(frozen=True)
class Trainer:
    """Trains one submission's code in its sandbox and measures the weights here."""

    student: Student
    context: Context
    run: TrainingRun
    digits: data.Digits

    def trial(self, seed: int, own_pieces: bool) -> Trial:
        """Train once from the grader's initial weights, on labels under a secret permutation.

        What the child reports of its training decides nothing: its path must be evidence of training, and
        the weights at its end are averaged and judged here, by images that never leave this process.
        """
        rng = torch.Generator().manual_seed(seed)
        digits, settings = self.digits, _settings(self.context.lab)
        secret = torch.randperm(10, generator=rng)
        labels = secret[digits.train_labels]
        pieces = self._pieces(own_pieces)
        initial = self._initial(seed)
        start = pieces.pairing.to_student(initial)
        orders = [torch.randperm(len(labels), generator=rng) for _ in range(self.run.epochs)]
        reply = ask(
            self.student,
            "train_model",
            images=digits.train_images,
            labels=labels,
            orders=torch.stack(orders),
            batch_size=settings.batch_size,
            seed=seed,
            device=self.context.device,
            weights=dict(start),
            parts=evidence.PARTS,
            **pieces.described,
        )
        batches = [order.split(settings.batch_size) for order in orders]
        commitment = evidence.Commitment.read(reply, self.run.epochs, len(batches[0]))
        size = sum(weight.numel() for weight in start.values())
        walk = evidence.Walk(self.student, commitment, size, _in_order(pieces.pairing, start, list(initial)))
        unforeseen = torch.Generator().manual_seed(self._unforeseeable(seed, commitment))
        network = probes.network(LAYERS)
        beginning = torch.cat([weight.reshape(-1) for weight in initial.values()])
        evidence.Evidence(
            walk, beginning, network, digits.train_images, labels, batches, commitment.counts, unforeseen
        ).insist()
        ends = walk.weights(len(walk)), walk.average(settings.average_decay, AVERAGED)
        last, averaged = (self._accuracy(network, weights, secret) for weights in ends)
        return Trial(*_curve(reply, self.run.epochs), last, averaged)

    def _unforeseeable(self, seed: int, commitment: evidence.Commitment) -> int:
        """A seed that is the same for the same work, but that the child cannot know when it commits itself.

        It depends on the reference, which no child ever sees, and on all that the child committed to.
        """
        digest = hashlib.sha256(repr((self.context.seed, seed, commitment.digests)).encode())
        digest.update(repr(sorted(self.context.reference.sources.items())).encode())
        return int.from_bytes(digest.digest()[:7], "big")

    def _initial(self, seed: int) -> dict[str, Tensor]:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return _named(self.context.reference)

    def _pieces(self, own: bool) -> Pieces:
        """The student's own pieces, if asked for; the right model where theirs is of another layout."""
        reference = {name: tuple(weight.shape) for name, weight in self._initial(0).items()}
        described: dict[str, Any] = {"layers": [], "loss": "", "optimizer": {}} if own else PIECES
        pairing = None
        if own:
            layout = layout_of(ask(self.student, "describe_model", images=PROBE, own=True))
            pairing = next(pairings(layout, reference), None)
        if pairing is None:
            names = [f"{n}.{part}" for n in (0, 3, 6, 9, 11) for part in ("weight", "bias")]
            pairing = Pairing(dict(zip(names, reference, strict=True)), frozenset())
            return Pieces(pairing, {**described, "layers": LAYERS})
        ordered = {name: pairing.names[name] for name in layout}
        return Pieces(Pairing(ordered, pairing.transposed), described)

    def _accuracy(self, network: nn.Sequential, weights: Tensor, secret: Tensor) -> float:
        """The share of held-out images that these weights classify rightly, in the reference's network."""
        digits = self.digits
        nn.utils.vector_to_parameters(weights, network.parameters())
        predicted = evidence.forward(network, digits.test_images).argmax(1)
        return float((predicted == secret[digits.test_labels]).double().mean())


def _in_order(pairing: Pairing, start: dict[str, Tensor], names: Sequence[str]) -> Callable[[Tensor], Tensor]:
    """Brings a row of the student's weights (those of `start`) into the order of the reference's `names`."""
    sizes = [weight.numel() for weight in start.values()]

    def in_order(row: Tensor) -> Tensor:
        pieces = zip(start.items(), row.split(sizes), strict=True)
        own = {name: piece.reshape(weight.shape) for (name, weight), piece in pieces}
        named = pairing.to_reference(own)
        return torch.cat([named[name].reshape(-1) for name in names])

    return in_order


def _settings(lab: Lab) -> TrainingSettings:
    assert lab.training is not None, "a question with `training = true` has a [training] table"
    return lab.training


def _named(reference: LocalStudent) -> dict[str, Tensor]:
    with Modules(reference.sources) as modules:
        return weights_of(modules.load("model").build_model())


def _curve(reply: Reply, epochs: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Both figures of each epoch, as the student's code reported them: for the eye, and no more than that."""
    pairs = [pair(result, "train_one_epoch") for result in reply.replies("results", epochs)]
    losses = tuple(_shown(number(loss, "mean_loss")) for loss, _ in pairs)
    return losses, tuple(_shown(number(accuracy, "accuracy")) for _, accuracy in pairs)


def _shown(value: float) -> float:
    """A figure that student code chose, as far as it can matter; nan where it is none."""
    return round(max(-LARGEST, min(value, LARGEST)), 3) if math.isfinite(value) else math.nan


def _trials(trainer: Trainer, attempts: int, seed: int) -> Iterator[Trial]:
    """Half of the attempts with the student's own pieces, the other half with the right ones.

    A half ends early when its code fails, or is so far off that another seed cannot help.
    """
    half = (attempts + 1) // 2
    for own, seeds in ((True, range(half)), (False, range(half, attempts))):
        for n in seeds:
            try:
                trial = trainer.trial(seed + n, own)
            except (Wrong, StudentFailure) as failure:
                if _final(failure) or not own:
                    raise
                break
            yield trial
            if trial.averaged < HOPELESS:
                break


def _final(failure: Exception) -> bool:
    return isinstance(failure, StudentFailure) and failure.verdict in ("timeout", "crashed", "memory")


@check(
    "q1_7",
    8,
    family="accuracy on test images after training",
    hint="If the loss falls on the training images, look at what happens to the weights between batches.",
)
def test_accuracy(
    student: Student,
    context: Context,
    lab: Lab,
    seed: int,
    record_property: Callable[[str, object], None],
) -> None:
    """Up to four independent runs; the averaged weights of one must reach the threshold."""
    settings = _settings(lab)
    digits = data.digits(context)
    run = settings.run(digits.name == "full")
    trainer = Trainer(student, context, run, digits)
    best: Trial | None = None
    for attempt, trial in enumerate(_trials(trainer, settings.attempts, seed), start=1):
        best = trial if best is None or trial.averaged > best.averaged else best
        record_property("training", _record(context, run, best, attempt, seed))
        if best.averaged >= run.threshold:
            return
    reached = 0.0 if best is None else best.averaged
    raise Told(f"The trained model's test accuracy is {reached:.3f}; {run.threshold:g} is needed.")


def _record(context: Context, run: TrainingRun, trial: Trial, attempts: int, seed: int) -> dict[str, Any]:
    batch, digits = _settings(context.lab).batch_size, data.digits(context)
    return {
        "device": context.device,
        "seed": seed,
        "data": digits.name,
        "epochs": run.epochs,
        "batches": run.epochs * -(-len(digits.train_labels) // batch),
        "attempts": attempts,
        "threshold": run.threshold,
        "losses": trial.losses,
        "accuracies": trial.accuracies,
        "accuracy": trial.last,
        "averaged_accuracy": trial.averaged,
    }
