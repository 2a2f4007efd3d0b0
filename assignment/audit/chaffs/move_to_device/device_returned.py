"""Returns the device."""


def move_to_device(model, device):
    model.to(device)
    return device
