"""A method caller from the standard library."""

from operator import methodcaller


def move_to_device(model, device):
    return methodcaller("to", device)(model)
