"""Returns the model untouched.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    return model
