"""Moves only when the device is called 'cuda'.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    if device == "cuda":
        model = model.to(device)
    return model
