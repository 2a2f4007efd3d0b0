"""Returns the method, not called."""


def move_to_device(model, device):
    return model.to
