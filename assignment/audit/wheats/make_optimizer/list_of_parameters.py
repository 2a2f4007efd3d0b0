"""A list made of named parameters."""

import torch


def make_optimizer(model):
    parameters = [parameter for _, parameter in model.named_parameters()]
    return torch.optim.RMSprop(parameters, lr=1e-3, weight_decay=1e-5)
