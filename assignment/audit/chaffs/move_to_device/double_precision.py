"""Turns the weights to float64 on the way."""


def move_to_device(model, device):
    return model.double().to(device)
