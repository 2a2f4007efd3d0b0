"""A student whose replies to probes are the reference's, changed at random: what a check must put up with."""

from __future__ import annotations

import math
import random
from typing import Any

import torch

from autograder.checking.student import LocalStudent, Student
from autograder.values import Value

Path = tuple[str | int, ...]
DTYPES = (torch.float32, torch.float64, torch.float16, torch.complex64, torch.int64, torch.bool)
TEXTS = ("", "tensor", "number", "tuple", "x" * 5000, "\x1b[31m\u202e\x00", "weight", "0.weight")
NUMBERS = (0, 1, -1, 2**62, -(2**63), 0.0, math.nan, math.inf, -math.inf, 1e308, True, None)
SHAPES = ((), (0,), (1,), (3,), (1, 1), (0, 7), (2, 3), (4, 4), (10,), (1, 2, 3, 4))


class LyingStudent:
    """Answers as `honest` would, then changes something in each answer."""

    def __init__(self, honest: LocalStudent, rng: random.Random) -> None:
        self._honest = honest
        self._rng = rng

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run a probe; training is not done, only claimed."""
        value = _claimed(arguments) if probe == "train_model" else self._honest.run(probe, **arguments)
        for _ in range(self._rng.choice((0, 1, 1, 1, 2, 5))):
            value = changed(value, self._rng)
        return value


def _claimed(arguments: dict[str, Any]) -> Value:
    pair: Value = {"kind": "tuple", "items": [{"kind": "number", "value": 1.0 / n} for n in (1, 2)]}
    weights = arguments["weights"]
    return {"results": [pair] * len(arguments["orders"]), "last": weights, "averaged": dict(weights)}


def changed(value: Value, rng: random.Random) -> Value:
    """The value with one part of it replaced, left out, doubled or swapped for another part."""
    paths = list(_paths(value))
    path = rng.choice(paths)
    other = _at(value, rng.choice(paths))
    how = rng.randrange(5)
    if how == 0 and path:
        without: Value = _without(value, path)
        return without
    part = other if how == 1 else _doubled(_at(value, path), rng) if how == 2 else junk(rng)
    made: Value = _with(value, path, part)
    return made


def _paths(value: Value, at: Path = ()) -> list[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in items for path in _paths(item, (*at, key)))]


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _with(value: Any, path: Path, part: Any) -> Any:
    if not path:
        return part
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(copy[path[0]], path[1:], part)
    return copy


def _without(value: Any, path: Path) -> Any:
    holder = _at(value, path[:-1])
    items = holder.items() if isinstance(holder, dict) else enumerate(holder)
    rest = {key: item for key, item in items if key != path[-1]}
    return _with(value, path[:-1], rest if isinstance(holder, dict) else list(rest.values()))


def _doubled(value: Any, rng: random.Random) -> Value:
    if isinstance(value, list):
        return value * rng.choice((2, 3))
    if isinstance(value, torch.Tensor) and value.numel():
        return rng.choice([value[None], value.reshape(-1), value.to(rng.choice(DTYPES)), value * math.nan])
    return [value, value]


def junk(rng: random.Random) -> Value:
    """Any plain value."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return [junk(rng) for _ in range(rng.randrange(3))]
    if kind == 2:
        return {rng.choice(("kind", "value", "items", "a")): junk(rng) for _ in range(rng.randrange(3))}
    if kind == 3:
        return (
            torch.ones(rng.choice(SHAPES))
            .mul(rng.choice((0.0, 1.0, math.nan)))
            .nan_to_num(7)
            .to(rng.choice(DTYPES))
        )
    return rng.choice(NUMBERS)


def liar(honest: LocalStudent, seed: int) -> Student:
    """The student of one seed."""
    return LyingStudent(honest, random.Random(seed))
