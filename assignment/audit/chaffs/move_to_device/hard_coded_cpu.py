"""Always moves to the CPU.
Misconception: device_ignored
"""


def move_to_device(model, device):
    return model.to("cpu")
