"""Randomness that a submission cannot lose points by: the same each time its code is run.

What student code draws is drawn from a seed that follows from the submission and from what is asked of it. So
a random result is the same whenever and wherever it is graded, in whatever company. A module that draws while
it is loaded draws from a seed of its own, whoever loads it first.

No seed holds anything that is secret: a student's own folder computes the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

_BITS = 63
_fresh = random.Random(0)
"""What stands for the system's entropy where `install` has been called."""


def seed_of(sources: Mapping[str, str], *parts: object) -> int:
    """A seed for these modules and whatever else it is to depend on, below 2**63."""
    digest = _digest_of(tuple(sorted(sources.items()))).copy()
    for part in parts:
        digest.update(_digest(str(part)))
    return int.from_bytes(digest.digest()[:8], "big") >> (64 - _BITS)


@lru_cache(maxsize=4)
def _digest_of(sources: tuple[tuple[str, str], ...]) -> hashlib._Hash:
    """What is the same in all seeds of a submission, which asks for one with each call."""
    digest = hashlib.sha256()
    for pair in sources:
        for text in pair:
            digest.update(_digest(text))
    return digest


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def begin(seed: int) -> None:
    """Let Python, numpy and torch draw from this seed from now on, the latter two where they are loaded."""
    random.seed(seed)
    _fresh.seed(seed ^ 1)
    if numpy := _loaded("numpy.random"):
        numpy.seed(seed & 0xFFFF_FFFF)
    if torch := _loaded("torch"):
        torch.default_generator.manual_seed(seed)


@contextlib.contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """While this lasts, draw from this seed; afterwards go on as if nothing had been drawn."""
    numpy, torch = _loaded("numpy.random"), _loaded("torch")
    python, fresh = random.getstate(), _fresh.getstate()
    arrays = numpy.get_state() if numpy else None
    tensors = torch.default_generator.get_state() if torch else None
    begin(seed)
    try:
        yield
    finally:
        random.setstate(python)
        _fresh.setstate(fresh)
        if numpy:
            numpy.set_state(arrays)
        if torch:
            torch.default_generator.set_state(tensors)


def install() -> None:
    """Let what asks the system for entropy get what `begin` seeds: for a process of student code alone."""
    os.urandom = _fresh.randbytes
    vars(random)["_urandom"] = _fresh.randbytes
    _seed_without_entropy(random.Random)
    if generators := _loaded("numpy.random.bit_generator"):
        generators.randbits = _fresh.getrandbits
    if torch := _loaded("torch"):
        _seed_torch(torch)


def _seed_without_entropy(kind: type[random.Random]) -> None:
    usual: Callable[..., None] = kind.seed

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        """Seed the generator; without a number, with one of the submission's own."""
        usual(self, _fresh.getrandbits(_BITS) if a is None else a, version)

    kind.seed = seed  # type: ignore[method-assign]


def _seed_torch(torch: Any) -> None:
    def seed() -> int:
        """Seed torch with a number of the submission's own."""
        number = _fresh.getrandbits(_BITS)
        torch.manual_seed(number)
        return number

    torch.seed = torch.random.seed = seed


def _loaded(name: str) -> Any:
    """A module if the package that it belongs to has been imported: numpy loads some of its parts late."""
    return importlib.import_module(name) if name.partition(".")[0] in sys.modules else None
