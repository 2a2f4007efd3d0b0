"""Whether weights come from training: does each step of the way depend on its own batch?

The child commits to the weights at every point of its path before it can know what will be asked. Then the
grader draws steps and looks at them here, with the reference's network. For the step d from weights w with
batch B, and g(B) the gradient of B's mean loss at w, the *specificity* is cos(d, -g(B)) less the mean of
cos(d, -g(B')) over batches B' that the grader draws: a walk to weights that were trained elsewhere may go
downhill, but not more so for the batch at hand. Who computes each batch's gradient and moves along it has
written the loop. The fully connected layers are looked at, each by itself, since a side step in the smaller
one is no training; the gradients of the convolutions would take ten times as long and tell no more.
`benchmarks/evidence.py` measures honest and forged paths.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from autograder.checking.judge import Reply, Told, ask
from autograder.checking.student import Student
from lab06.data import pixels
from lab06.probes import digest

PARTS = 16
"""Parts in which weights are digested: one of them, drawn afterwards, is asked of every point.

A part is every sixteenth weight, so that each has weights of every layer and tells of a jump in any one."""
WINDOWS = 8
"""Stretches of the path that must each show training: to have trained for a while is no licence to go on."""
SHORTEST = 8
"""Steps of a stretch, at least: a single step tells little."""
DRAWN, ROUNDS = 3, 6
"""Steps that are looked at in each stretch, and how often so many again while their mean is not clear."""
ENOUGH = 0.05
"""Mean specificity that each stretch needs; benchmarks/evidence.md has those of honest and forged paths."""
CLEAR = 0.12
"""From this mean on no further steps are looked at; from less, the more steps it is the mean of."""
EARLY = 8
"""The first steps of RMSprop are ten times as long as later ones, whoever makes them."""
LEAST = 8
"""Of so many batches of an epoch one must move the weights, at least."""
SEVERAL = 4
"""Batches whose gradients may make one step together, at most."""
OTHERS, SIZE = 2, 64
"""Batches that the grader draws for comparison, and their size."""
MOST = 4
"""Steps for each batch, at most."""
AT_ONCE = 32
"""Images that go through the convolutions together."""
AT_A_TIME = 8
"""Points whose weights are asked for in one call."""

REFUSED = (
    "The weights after training do not come from one step for each batch, along the gradient of that batch. "
    "Every batch must make its own step, from the weights that the one before left, in the loader's order: "
    "a list of the batches that is shuffled, sorted or reversed is not what the docstring asks for."
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
        self.size = size
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
                self._check(row, self.size)
                if tuple(digest(row[n::PARTS]) for n in range(PARTS)) != self._commitment.digests[point]:
                    raise Told(REFUSED)
                self._known[point] = self._in_order(row)

    def weights(self, point: int) -> Tensor:
        """All weights at a point, in one row."""
        if point not in self._known:
            self.fetch([point])
        return self._known[point]

    def places(self, number: int) -> Tensor:
        """Where the weights of one part are in the order of the reference's parameters."""
        turned = self._in_order(torch.arange(self.size, dtype=torch.float64))
        places: Tensor = turned.argsort()[number::PARTS]
        return places

    def part(self, number: int) -> Tensor:
        """One part of the weights at every point, (points, elements)."""
        rows = ask(self._student, "walked_part", part=number, parts=PARTS).tensor("rows")
        size = len(range(number, self.size, PARTS))
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
        average = torch.zeros(self.size, dtype=torch.float64)
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
        images: what was trained on, uint8 (N, 28, 28).
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
        if not bool(self._moves_by_layer.any(dim=0).all()):
            raise Told("Training left the weights of a fully connected layer as they were.")
        self._insist_on_steps()
        windows = max(1, min(WINDOWS, len(self._moving) // SHORTEST))
        stretches = [(steps, None) for steps in self._moving.tensor_split(windows)]
        jumps = [(self._by_distance(moves), n) for n, moves in enumerate(self._moves_by_layer.T)]
        for steps, layer in (*stretches, *jumps):
            if not self._shown_by(steps, layer):
                raise Told(REFUSED)

    def _insist_on_steps(self) -> None:
        """Told when some epoch hardly moves: what goes all its way in a few jumps has few steps to show."""
        begin = 0
        for count, batches in zip(self.counts, self.batches, strict=True):
            moving = int(((self._moving >= begin) & (self._moving < begin + count)).sum())
            if moving * LEAST < len(batches):
                raise Told(REFUSED)
            begin += count

    def _shown_by(self, steps: Tensor, layer: int | None) -> bool:
        """Whether some of these steps, drawn a few at a time until it is clear, depend on their batches.

        Each of the layers must show it, or the one that is asked for.
        """
        looked: list[Tensor] = []
        for _ in range(ROUNDS):
            drawn = self._drawn(steps)
            self._ask_for(drawn)
            looked += [self.specificity(step, all_readings=bool(looked)) for step in drawn]
            if best(looked, layer) >= ENOUGH + (CLEAR - ENOUGH) * (DRAWN / len(looked)) ** 0.5:
                return True
        return best(looked, layer) >= ENOUGH

    def _drawn(self, steps: Tensor) -> list[int]:
        drawn: list[int] = steps[torch.randint(len(steps), (DRAWN,), generator=self.rng)].tolist()
        return drawn

    def _ask_for(self, steps: Sequence[int]) -> None:
        points = [point for step in steps for point in (step - 1, step, step + 1) if point >= 0]
        self.walk.fetch(points)

    @cached_property
    def _part_moves(self) -> tuple[Tensor, Tensor]:
        """What each step adds to one part of the weights, and where those are among the reference's."""
        number = int(torch.randint(PARTS, (1,), generator=self.rng))
        rows = self.walk.part(number)
        moves = (rows[1:] - rows[:-1]).double()
        if not bool(moves.isfinite().all()):
            raise Told("The weights are not finite numbers after training.")
        return moves, self.walk.places(number)

    @cached_property
    def _moves_by_layer(self) -> Tensor:
        """How far each step goes in each of the layers that are looked at, (steps, layers)."""
        moves, places = self._part_moves
        begin = self.walk.size - sum(self._sizes)
        found = []
        for size in self._sizes:
            found.append(moves[:, (places >= begin) & (places < begin + size)].norm(dim=1))
            begin += size
        return torch.stack(found, dim=1)

    @cached_property
    def _moving(self) -> Tensor:
        """The steps that go anywhere: a step that a loop leaves out moves nothing and proves nothing."""
        moving: Tensor = self._part_moves[0].norm(dim=1).nonzero().flatten()
        return moving

    def _by_distance(self, moves: Tensor) -> Tensor:
        """The later steps of a layer, as often as the fourth power of how far they go.

        Whoever jumps to weights from elsewhere has one step that is many times as long as the others; with
        the square, so many short ones would be drawn beside it that their mean could speak for it. The first
        steps are left out, and those made while another layer makes its first: what follows has to show that
        a loop trains, and whoever has one needs no jump.
        """
        later = moves.nonzero().flatten()
        for layer in self._moves_by_layer.T:
            moving = layer.nonzero().flatten()
            later = later[(later < moving[0]) | (later > moving[:EARLY][-1])]
        if not len(later):
            return self._moving
        weights = (moves[later] / moves[later].max()).pow(4)
        found: Tensor = later[torch.multinomial(weights, 400, replacement=True, generator=self.rng)]
        return found

    def specificity(self, step: int, all_readings: bool = True) -> Tensor:
        """How much more the step goes down the gradient of its own batch than down those of others.

        For each layer, nan where it does not move, or has no gradient since all behind it is off. Four
        readings, since loops differ: of the step for its batch; of its change against the step before, for
        momentum; of the step for the batch before, for a step before the backward pass; of the step for all
        batches since the last one, for gradients of several. The first two tell most loops, the others take
        more gradients. The largest of their *means* counts: that of each step would let chance choose.
        Shape: (readings, layers).
        """
        here, after = self._looked_at(step), self._looked_at(step + 1)
        move = after - here
        change = move - (here - self._looked_at(step - 1)) if step else move
        others = [torch.randint(len(self.labels), (SIZE,), generator=self.rng) for _ in range(OTHERS)]
        before = [self._batch(earlier) for earlier in self._since(step)] if all_readings else []
        gradient, *theirs = self._gradients(step, [self._batch(step), *others, *before])
        readings = [(move, gradient), (change, gradient)]
        if all_readings:
            last, several = theirs[OTHERS], torch.stack([gradient, *theirs[OTHERS:]]).sum(0)
            readings += [(move, last), (move, several)]
        return torch.stack([self._in_each_layer(v, g, theirs[:OTHERS]) for v, g in readings])

    def _since(self, step: int) -> list[int]:
        """The steps before this one, back to the last that moved: one at least, and a few at most."""
        moved = self._moving[self._moving < step]
        last = int(moved[-1]) if len(moved) else -1
        return [*range(step - 1, max(last, step - SEVERAL), -1)] or [max(step - 1, 0)]

    def _in_each_layer(self, move: Tensor, gradient: Tensor, others: Sequence[Tensor]) -> Tensor:
        """How much more a move goes down a gradient than down the others', layer by layer."""
        found = []
        pieces = [vector.split(self._sizes) for vector in (move, gradient, *others)]
        for own, mine, *theirs in zip(*pieces, strict=True):
            less = sum(_cosine(own, -other) for other in theirs) / OTHERS
            speaks = bool(own.any()) and bool(mine.any())
            told = _cosine(own, -mine) - less if speaks else math.nan
            found.append(told if math.isfinite(told) or not speaks else 0.0)  # weights that are no numbers
        return torch.tensor(found)

    def _batch(self, step: int) -> Tensor:
        """The indices of the batch that a step belongs to; of several steps a batch, each has its share."""
        for batches, count in zip(self.batches, self.counts, strict=True):
            if step < count:
                return batches[step if count <= len(batches) else step * len(batches) // count]
            step -= count
        raise IndexError(step)

    @cached_property
    def _head(self) -> int:
        """The first of the layers behind the flattening: those that are looked at."""
        kinds = [type(layer) for layer in self.network.children()]
        return kinds.index(nn.Flatten) + 1

    @cached_property
    def _sizes(self) -> list[int]:
        """The number of weights of each layer that is looked at."""
        layers = [list(layer.parameters()) for layer in self.network[self._head :].children()]
        return [sum(parameter.numel() for parameter in own) for own in layers if own]

    def _looked_at(self, point: int) -> Tensor:
        """The weights, at a point, of the layers that are looked at."""
        return self.walk.weights(point)[-sum(self._sizes) :]

    def _gradients(self, point: int, batches: Sequence[Tensor]) -> list[Tensor]:
        """The gradient of each batch's mean loss by the weights of the layers that are looked at."""
        nn.utils.vector_to_parameters(self.walk.weights(point), self.network.parameters())
        below, above = self.network[: self._head], self.network[self._head :]
        inputs = forward(below, self.images[torch.cat([*batches])])
        found = []
        for indices, own in zip(batches, inputs.split([*map(len, batches)]), strict=True):
            loss = F.cross_entropy(above(own), self.labels[indices])
            gradients = torch.autograd.grad(loss, list(above.parameters()))
            found.append(torch.cat([gradient.reshape(-1) for gradient in gradients]))
        return found


def forward(network: nn.Module, images: Tensor) -> Tensor:
    """What a network makes of images, uint8 (N, 28, 28), without recording gradients.

    In this layout pooling is several times as fast. More images at a time would take memory that the system
    has to clear anew each time, which costs as much as the convolutions.
    """
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's types lack it
    with torch.no_grad():
        return torch.cat([network(pixels(some)) for some in images.split(AT_ONCE)])


def best(looked: Sequence[Tensor], layer: int | None = None) -> float:
    """The reading that speaks most for training, over the steps that it was taken of.

    Of the layers the one with the least counts, but for those of which no step says anything, and nothing
    where that holds of all of them; or the one that is asked for.
    """
    first, later = [readings[:2] for readings in looked], [readings[2:] for readings in looked]
    taken = [first, [readings for readings in later if len(readings)]]
    means = torch.cat([torch.stack(some).nanmean(0) for some in taken if some])
    if layer is not None:
        return float(means[:, layer].nan_to_num(nan=-math.inf).max())
    least = means.nan_to_num(nan=math.inf).min(1).values
    return float(least[least.isfinite()].max()) if bool(least.isfinite().any()) else -math.inf


def _cosine(one: Tensor, two: Tensor) -> float:
    return float(torch.dot(one, two) / (one.norm() * two.norm()).clamp_min(1e-30))
