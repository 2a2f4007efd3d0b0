"""Moves the first layer alone.

Misconception: parts_left_behind
"""

from typing import Any


def move_to_device(model: Any, device: Any) -> Any:
    next(model.children()).to(device)
    return model
