"""Makes new parameters, all of them trainable, although one was frozen."""

from torch import nn


def move_to_device(model, device):
    model.to(device)
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            setattr(module, name, nn.Parameter(parameter.detach()))
    return model
