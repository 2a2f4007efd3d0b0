"""Returns inside the loop over the layers, after the first.
Misconception: only_some_parameters_moved
"""


def move_to_device(model, device):
    for layer in model.children():
        layer.to(device)
        return model
