"""nn.Module._apply with a function of one tensor."""


def move_to_device(model, device):
    return model._apply(lambda tensor: tensor.to(device))
