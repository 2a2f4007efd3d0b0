"""Some of the model's parameters are moved and others are not.

A model moves as a whole. Which of its parameters does your code reach?
"""

from typing import Any


def move_to_device(model: Any, device: Any) -> Any:
    next(model.children()).to(device)
    return model
