"""Makes the fixtures of the sandbox's tests known to pytest."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("attack_harness", "lab_harness", "sandbox_fixtures")

from sandbox_fixtures import _nothing_is_left, zygote  # noqa: E402

__all__ = ["_nothing_is_left", "zygote"]
