"""The default weight decay of zero, in groups.
Misconception: no_weight_decay
"""

from torch.optim import RMSprop


def make_optimizer(model):
    return RMSprop([{"params": list(model.parameters())}], lr=0.001)
