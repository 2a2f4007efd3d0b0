"""Calls to() on each parameter and drops the result.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    for parameter in model.parameters():
        parameter.to(device)
    return model
