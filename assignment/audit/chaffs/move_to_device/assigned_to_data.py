"""Calls to() on the model's list of layers."""


def move_to_device(model, device):
    layers = list(model.children())
    return layers.to(device)
