"""model.to with a keyword; it works in place, so the statement's value is not needed."""


def move_to_device(model, device):
    model.to(device=device)
    return model
