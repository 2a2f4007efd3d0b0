"""Moves the data of parameters and buffers one by one."""


def move_to_device(model, device):
    for parameter in model.parameters():
        parameter.data = parameter.data.to(device)
        if parameter.grad is not None:
            parameter.grad = parameter.grad.to(device)
    for buffer in model.buffers():
        buffer.data = buffer.data.to(device)
    return model
