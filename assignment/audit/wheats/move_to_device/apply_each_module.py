"""model.apply with a function that moves one module."""


def move_to_device(model, device):
    def move(module):
        module.to(device)

    return model.apply(move)
