"""Assigns the moved parameter to the loop's variable, which the model does not know.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    for p in model.parameters():
        p = p.to(device)
    return model
