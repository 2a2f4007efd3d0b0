"""Collects the parameters of the model's children; those of the model itself are left out."""

import torch


def make_optimizer(model):
    parameters = [p for layer in model.children() for p in layer.parameters()]
    return torch.optim.RMSprop(parameters, lr=1e-3, weight_decay=1e-5)
