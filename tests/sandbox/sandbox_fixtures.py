"""One zygote for all: it costs seconds to start and milliseconds to use. In the end nothing is left."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from multiprocessing.util import get_temp_dir
from pathlib import Path

import leftovers
import pytest
from sandbox_harness import started

from autograder.sandbox import Zygote


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the tests a folder for temporary files; look in the end what is left there and on the machine."""
    tmp_path_factory.getbasetemp()  # made where it always is
    get_temp_dir()  # multiprocessing's own, which it takes away itself when this process ends
    usual, tempfile.tempdir = tempfile.tempdir, None
    own = Path(tempfile.mkdtemp(prefix="convlab-tests-"))
    own.chmod(0o755)
    tempfile.tempdir = str(own)
    before = leftovers.found(own)
    try:
        yield
        assert leftovers.lasting(own, before) == set()
    finally:
        tempfile.tempdir = usual
        shutil.rmtree(own)


@pytest.fixture(scope="session")
def zygote(_nothing_is_left: None) -> Iterator[Zygote]:
    with started("all") as made:
        yield made
