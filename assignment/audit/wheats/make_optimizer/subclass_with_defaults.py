"""A subclass whose defaults are the lab's."""

import torch


class LabOptimizer(torch.optim.RMSprop):
    def __init__(self, parameters, lr=1e-3, weight_decay=1e-5):
        super().__init__(parameters, lr=lr, weight_decay=weight_decay)


def make_optimizer(model):
    return LabOptimizer(model.parameters())
