"""How many examples a property is tried on: all of them in `make test`, a tenth in `make quick`."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

THOROUGH = os.environ.get("CONVLAB_TESTS") == "thorough"


def tries(count: int, **more: Any) -> settings:
    """Hypothesis's settings for `count` examples, without a deadline."""
    return settings(max_examples=count if THOROUGH else max(count // 10, 10), deadline=None, **more)


def set_defaults() -> None:
    """The same for the properties that do not say how often they are tried."""
    settings.register_profile("quick", max_examples=100 if THOROUGH else 20, deadline=None)
    settings.load_profile("quick")
