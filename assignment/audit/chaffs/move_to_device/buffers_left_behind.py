"""Moves every parameter, but no buffer.

Misconception: parts_left_behind
"""


def move_to_device(model, device):
    for parameter in model.parameters():
        parameter.data = parameter.data.to(device)
    return model
