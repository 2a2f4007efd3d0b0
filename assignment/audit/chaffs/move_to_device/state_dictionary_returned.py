"""Returns the moved state dictionary."""


def move_to_device(model, device):
    return model.to(device).state_dict()
