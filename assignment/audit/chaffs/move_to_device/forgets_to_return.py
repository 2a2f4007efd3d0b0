"""Moves the model but returns nothing."""


def move_to_device(model, device):
    model.to(device)
