"""One zygote for all tests: it costs seconds to start and milliseconds to use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_harness import started

from autograder.sandbox import Zygote


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with started("all") as made:
        yield made
