"""Moves the buffers, not the parameters.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    for module in model.modules():
        for name, buffer in list(module.named_buffers(recurse=False)):
            setattr(module, name, buffer.to(device))
    return model
