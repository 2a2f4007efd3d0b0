"""Loads a moved state dictionary, assigning its tensors."""


def move_to_device(model, device):
    state = {name: tensor.to(device) for name, tensor in model.state_dict().items()}
    model.load_state_dict(state, assign=True)
    return model
