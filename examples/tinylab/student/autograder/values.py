"""Plain values: all that ever passes between student code and a check."""

from __future__ import annotations

from typing import TypeAlias

from torch import Tensor

Value: TypeAlias = "bool | int | float | str | Tensor | list[Value] | dict[str, Value] | None"
"""None, bool, int, float, str, a dense tensor, or lists and string-keyed dicts of these."""
