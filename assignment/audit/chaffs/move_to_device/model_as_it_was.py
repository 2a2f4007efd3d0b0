"""Returns the model untouched.
Misconception: device_ignored
"""


def move_to_device(model, device):
    return model
