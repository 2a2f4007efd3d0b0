"""Returns inside the loop over the layers, after the first.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    for layer in model.children():
        layer.to(device)
        return model
