"""Moves only when the device is called 'cuda'.
Misconception: device_ignored
"""


def move_to_device(model, device):
    if device == "cuda":
        model = model.to(device)
    return model
