"""Loads moved values, which are copied to where the parameters are already.

Misconception: parts_left_behind
"""


def move_to_device(model, device):
    moved = {name: tensor.to(device) for name, tensor in model.state_dict().items()}
    model.load_state_dict(moved)
    return model
