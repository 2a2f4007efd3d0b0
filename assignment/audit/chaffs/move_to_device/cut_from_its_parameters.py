"""Replaces the parameters by moved tensors that are the results of a computation."""


def move_to_device(model, device):
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            module._parameters[name] = parameter.to(device) * 1
        for name, buffer in list(module._buffers.items()):
            module._buffers[name] = buffer.to(device)
    return model
