"""Moves the children first, then the module's own tensors."""


def move_to_device(model, device):
    for child in model.children():
        move_to_device(child, device)
    return model.to(device)
