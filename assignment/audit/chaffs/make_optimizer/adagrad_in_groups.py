"""Adagrad, the parameters in a list.

Misconception: adagrad
"""

from torch import optim


def make_optimizer(model):
    params = [p for p in model.parameters() if p.requires_grad]
    return optim.Adagrad(params, lr=0.001, weight_decay=0.00001)
