"""Adds the device's number to its name, which only a text allows."""


def move_to_device(model, device):
    return model.to(device + ":0")
