"""Turns off the gradients of everything that it moves."""


def move_to_device(model, device):
    return model.to(device).requires_grad_(False)
