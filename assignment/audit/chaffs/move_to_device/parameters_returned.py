"""Returns the list of moved parameters."""


def move_to_device(model, device):
    return [p.to(device) for p in model.parameters()]
