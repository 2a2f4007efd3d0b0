"""Returns the model and the device."""


def move_to_device(model, device):
    return model.to(device), device
