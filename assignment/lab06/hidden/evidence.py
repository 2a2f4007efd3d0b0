"""Whether weights come from training: does each step of the way depend on its own batch?

The child commits to the weights at every point of its path before it can know what will be asked. Then the
grader draws steps and looks at them here, with the reference's network. For the step d from weights w with
batch B, and g(B) the gradient of B's mean loss at w, the *specificity* is cos(d, -g(B)) less the mean of
cos(d, -g(B')) over batches B' that the grader draws: a walk to weights that were trained elsewhere may go
downhill, but not more so for the batch at hand. Who computes each batch's gradient and moves along it has
written the loop. Only the fully connected layers are looked at: their gradients take a tenth of the time and
tell as much. `benchmarks/evidence.py` measures honest and forged paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from autograder.checking.judge import Reply, Told, ask
from autograder.checking.student import Student
from lab06.probes import digest

PARTS = 16
"""Parts in which weights are digested: one of them, drawn afterwards, is asked of every point."""
WINDOWS = 8
"""Stretches of the path that must each show training: to have trained for a while is no licence to go on."""
DRAWN, ROUNDS = 3, 6
"""Steps that are looked at in each stretch, and how often so many again while their mean is not clear."""
ENOUGH = 0.05
"""Mean specificity: honest loops of all kinds have 0.12 and more, forged stretches under 0.03."""
CLEAR = 0.12
"""From this mean on no further steps are looked at."""
EARLY = 8
"""The first steps of RMSprop are ten times as long as later ones, whoever makes them."""
OTHERS, SIZE = 2, 64
"""Batches that the grader draws for comparison, and their size."""
MOST = 4
"""Steps for each batch, at most."""
AT_A_TIME = 8
"""Points whose weights are asked for in one call."""

REFUSED = (
    "The weights after training do not come from steps along the gradients of their batches. "
    "Every batch must make its own step, from the weights that the one before left."
)


@dataclass(frozen=True)
class Commitment:
    """What a child said about its path before it was asked: `digests` by point and part, steps per epoch."""

    digests: tuple[tuple[str, ...], ...]
    counts: tuple[int, ...]

    @classmethod
    def read(cls, reply: Reply, epochs: int, batches: int) -> Commitment:
        """Read it with care. Told when it is no path of so many epochs of so many batches."""
        counts = reply.sizes("counts")
        points = reply.replies("digests")
        if len(counts) != epochs or not all(0 < count <= MOST * batches for count in counts):
            raise Told("The loop did not go through the batches once in each epoch.")
        if len(points) != sum(counts) + 1:
            raise Told(REFUSED)
        return cls(tuple(tuple(point.words(PARTS)) for point in points), counts)


class Walk:
    """A committed path, of which points are asked for and checked.

    Args:
        student: who walked it, and answers for it.
        commitment: what they committed to.
        size: the number of all weights.
        in_order: brings the weights of a point, in one row, into the order of the reference's parameters.
    """

    def __init__(
        self,
        student: Student,
        commitment: Commitment,
        size: int,
        in_order: Callable[[Tensor], Tensor] = lambda row: row,
    ) -> None:
        self._student = student
        self._commitment = commitment
        self._size = size
        self._in_order = in_order
        self._known: dict[int, Tensor] = {}

    def __len__(self) -> int:
        return len(self._commitment.digests) - 1

    def fetch(self, points: Iterable[int]) -> None:
        """Ask for the weights at some points, and forget those at others: all of them take 70 MB.

        Told when they are not those that were committed to.
        """
        wanted = set(points)
        self._known = {point: row for point, row in self._known.items() if point in wanted}
        missing = sorted(wanted - self._known.keys())
        for start in range(0, len(missing), AT_A_TIME):
            some = missing[start : start + AT_A_TIME]
            rows = ask(self._student, "walked_weights", points=[*some]).tensors("points", len(some))
            for point, row in zip(some, rows, strict=True):
                self._check(row, self._size)
                if tuple(map(digest, row.tensor_split(PARTS))) != self._commitment.digests[point]:
                    raise Told(REFUSED)
                self._known[point] = self._in_order(row)

    def weights(self, point: int) -> Tensor:
        """All weights at a point, in one row."""
        if point not in self._known:
            self.fetch([point])
        return self._known[point]

    def part(self, number: int) -> Tensor:
        """One part of the weights at every point, (points, elements)."""
        rows = ask(self._student, "walked_part", part=number, parts=PARTS).tensor("rows")
        size = len(torch.empty(self._size).tensor_split(PARTS)[number])
        self._check(rows, len(self) + 1, size)
        for row, digests in zip(rows, self._commitment.digests, strict=True):
            if digest(row) != digests[number]:
                raise Told(REFUSED)
        return rows

    @staticmethod
    def _check(tensor: Tensor, *shape: int) -> None:
        if tensor.dtype is not torch.float32 or tuple(tensor.shape) != shape:
            raise Told("The trained weights are not those of the model that was trained.")

    def average(self, decay: float, last: int) -> Tensor:
        """The exponential average of the weights over the last points, with the decay of one step."""
        points = range(max(len(self) + 1 - last, 1), len(self) + 1)
        shares = torch.tensor([decay ** (len(self) - point) for point in points], dtype=torch.float64)
        shares /= shares.sum()
        average = torch.zeros(self._size, dtype=torch.float64)
        for start in range(0, len(points), AT_A_TIME):
            some = points[start : start + AT_A_TIME]
            self.fetch(some)
            for point, share in zip(some, shares[start:].tolist(), strict=False):
                average += share * self.weights(point)
        return average.float()


@dataclass
class Evidence:
    """The steps of one walk held against its batches.

    Args:
        walk: the path; its weights are in the order of the network's parameters.
        start: the initial weights that the child was given, in the same order.
        network: layers as `nn.Sequential`, of the reference's architecture; its weights are overwritten.
        images: what was trained on, float32 (N, 1, 28, 28).
        labels: as the child saw them, (N,).
        batches: the indices of each batch, epoch by epoch.
        counts: the steps of each epoch.
        rng: draws steps and the batches to compare with; nobody must be able to foresee it.
    """

    walk: Walk
    start: Tensor
    network: nn.Sequential
    images: Tensor
    labels: Tensor
    batches: Sequence[Sequence[Tensor]]
    counts: Sequence[int]
    rng: Generator

    def insist(self) -> None:
        """Told when too little of the walk depends on its own batches."""
        if not torch.equal(self.walk.weights(0), self.start):
            raise Told("The training did not begin with the weights that the model was given.")
        if not len(self._moving):
            raise Told("Training left the weights as they were.")
        for steps in (*self._moving.tensor_split(WINDOWS), self._by_distance()):
            looked: list[Tensor] = []
            for _ in range(ROUNDS if len(steps) else 0):
                drawn = self._drawn(steps)
                self._ask_for(drawn)
                looked += map(self.specificity, drawn)
                if _best(looked) >= CLEAR:
                    break
            if looked and not _best(looked) >= ENOUGH:
                raise Told(REFUSED)

    def _drawn(self, steps: Tensor) -> list[int]:
        drawn: list[int] = steps[torch.randint(len(steps), (DRAWN,), generator=self.rng)].tolist()
        return drawn

    def _ask_for(self, steps: Sequence[int]) -> None:
        points = [point for step in steps for point in (step - 1, step, step + 1) if point >= 0]
        self.walk.fetch(points)

    @cached_property
    def _moves(self) -> Tensor:
        """How far each step goes, measured on one part of the weights."""
        number = int(torch.randint(PARTS, (1,), generator=self.rng))
        rows = self.walk.part(number)
        moves: Tensor = (rows[1:] - rows[:-1]).double().norm(dim=1)
        if not bool(moves.isfinite().all()):
            raise Told("The weights are not finite numbers after training.")
        return moves

    @cached_property
    def _moving(self) -> Tensor:
        """The steps that go anywhere: a step that a loop leaves out moves nothing and proves nothing."""
        return self._moves.nonzero().flatten()

    def _by_distance(self) -> Tensor:
        """Later steps, as often as the square of how far they go, so that no jump is missed."""
        weights = self._moves[EARLY:].square()
        if not float(weights.sum()) > 0:
            return self._moving
        found: Tensor = torch.multinomial(weights / weights.sum(), 400, replacement=True, generator=self.rng)
        return found + EARLY

    def specificity(self, step: int) -> Tensor:
        """How much more the step goes down the gradient of its own batch than down those of others.

        Four readings, since loops differ: of the step for its batch; of its change against the step before,
        for momentum; of the step for the batch before, for a step before the backward pass; of the step for
        both, for gradients of two batches. The largest of their *means* counts: that of each step would let
        chance choose.
        """
        here, after = self._dense(step), self._dense(step + 1)
        move = after - here
        change = move - (here - self._dense(step - 1)) if step else move
        own = self._batch(step)
        others = [torch.randint(len(self.labels), (SIZE,), generator=self.rng) for _ in range(OTHERS)]
        before = self._batch(step - 1) if step else own
        gradient, last, *theirs = self._gradients(step, [own, before, *others])
        readings = (move, gradient), (change, gradient), (move, last), (move, gradient + last)
        return torch.tensor(
            [_cosine(v, -g) - sum(_cosine(v, -o) for o in theirs) / OTHERS for v, g in readings]
        )

    def _batch(self, step: int) -> Tensor:
        """The indices of the batch that a step belongs to; of several steps a batch, each has its share."""
        for batches, count in zip(self.batches, self.counts, strict=True):
            if step < count:
                return batches[step if count <= len(batches) else step * len(batches) // count]
            step -= count
        raise IndexError(step)

    @cached_property
    def _head(self) -> int:
        """The first of the layers behind the flattening."""
        kinds = [type(layer) for layer in self.network.children()]
        return kinds.index(nn.Flatten) + 1

    @cached_property
    def _dense_size(self) -> int:
        return sum(parameter.numel() for parameter in self.network[self._head :].parameters())

    def _dense(self, point: int) -> Tensor:
        """The weights of the fully connected layers at a point."""
        return self.walk.weights(point)[-self._dense_size :]

    def _gradients(self, point: int, batches: Sequence[Tensor]) -> list[Tensor]:
        """The gradient of each batch's mean loss by the weights of the fully connected layers."""
        nn.utils.vector_to_parameters(self.walk.weights(point), self.network.parameters())
        convolutions, dense = self.network[: self._head], self.network[self._head :]
        found = []
        for indices in batches:  # one by one: what convolutions make of all together takes tens of MB
            with torch.no_grad():
                inputs = convolutions(self.images[indices])
            loss = F.cross_entropy(dense(inputs), self.labels[indices])
            gradients = torch.autograd.grad(loss, list(dense.parameters()))
            found.append(torch.cat([gradient.reshape(-1) for gradient in gradients]))
        return found


def _best(looked: Sequence[Tensor]) -> float:
    """The reading that speaks most for training, over some steps."""
    return float(torch.stack(list(looked)).mean(0).max())


def _cosine(one: Tensor, two: Tensor) -> float:
    return float(torch.dot(one, two) / (one.norm() * two.norm()).clamp_min(1e-30))
