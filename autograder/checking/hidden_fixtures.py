"""Fixtures of the hidden checks: the lab, its reference, fresh random inputs."""

from __future__ import annotations

import hashlib

import pytest
import torch

from autograder.checking.check import of_function
from autograder.checking.context import CONTEXT_KEY, Context
from autograder.checking.student import LocalStudent
from autograder.lab import Lab, load_lab


@pytest.fixture
def context(request: pytest.FixtureRequest) -> Context:
    """Device, data and seed of this grading run."""
    return request.config.stash.get(CONTEXT_KEY, None) or Context.default(load_lab())


@pytest.fixture
def lab(context: Context) -> Lab:
    """The lab that is graded."""
    return context.lab


@pytest.fixture
def reference(context: Context) -> LocalStudent:
    """The reference solution, answering the same probes."""
    return context.reference


@pytest.fixture
def seed(request: pytest.FixtureRequest, context: Context) -> int:
    """A seed of this check's own, from the run's seed and the check's name."""
    found = of_function(getattr(request, "function", None))
    return seed_for(context, found.key if found else request.node.nodeid)


def seed_for(context: Context, key: str) -> int:
    """The seed of the check of that key."""
    return int.from_bytes(hashlib.sha256(f"{context.seed}/{key}".encode()).digest()[:4], "big")


@pytest.fixture
def rng(seed: int) -> torch.Generator:
    """A generator of random inputs, fresh for this check and run."""
    return torch.Generator().manual_seed(seed)
