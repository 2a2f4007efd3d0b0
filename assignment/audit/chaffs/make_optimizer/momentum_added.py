"""Takes the momentum from a recipe for SGD.
Misconception: momentum
"""

from torch.optim import RMSprop


def make_optimizer(model):
    settings = {"lr": 1e-3, "momentum": 0.9, "weight_decay": 1e-5}
    return RMSprop(model.parameters(), **settings)
