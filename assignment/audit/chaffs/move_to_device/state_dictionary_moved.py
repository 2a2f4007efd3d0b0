"""Moves the tensors of the state dictionary, which is a dictionary of its own.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    state = model.state_dict()
    for name in state:
        state[name] = state[name].to(device)
    return model
