"""Resets the parameters of every layer on the device."""


def move_to_device(model, device):
    model = model.to(device)
    for layer in model.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    return model
