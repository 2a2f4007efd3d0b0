"""Takes the parameters that are the model's own; those of its layers are left out."""

import torch


def make_optimizer(model):
    parameters = [p for name, p in model.named_parameters() if "." not in name]
    return torch.optim.RMSprop(parameters, lr=1e-3, weight_decay=1e-5)
