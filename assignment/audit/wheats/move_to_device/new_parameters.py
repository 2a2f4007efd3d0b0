"""Puts moved parameters and buffers into every module by hand."""

from torch import nn


def move_to_device(model, device):
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is not None:
                moved = parameter.detach().to(device)
                module._parameters[name] = nn.Parameter(moved, requires_grad=parameter.requires_grad)
        for name, buffer in list(module._buffers.items()):
            if buffer is not None:
                module._buffers[name] = buffer.to(device)
    return model
