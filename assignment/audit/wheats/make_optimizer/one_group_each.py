"""One parameter group for each parameter."""

from torch.optim import RMSprop


def make_optimizer(model):
    groups = [{"params": [p], "lr": 1e-3} for p in model.parameters()]
    return RMSprop(groups, weight_decay=1e-5)
