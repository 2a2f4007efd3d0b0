"""Looks at the first parameter with next() and hands over what the generator has left.
Misconception: first_parameter_left_out
"""

import torch


def make_optimizer(model):
    parameters = model.parameters()
    print("on", next(parameters).device)
    return torch.optim.RMSprop(parameters, lr=1e-3, weight_decay=1e-5)
