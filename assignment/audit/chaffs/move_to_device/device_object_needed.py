"""Asks for device.type, which a name such as "cpu" does not have."""


def move_to_device(model, device):
    if device.type == "cpu":
        return model.cpu()
    return model.to(device)
