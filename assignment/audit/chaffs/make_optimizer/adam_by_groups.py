"""Adam with one group for each parameter.
Misconception: adam
"""

from torch.optim import Adam


def make_optimizer(model):
    return Adam([{"params": p} for p in model.parameters()], lr=1e-3, weight_decay=1e-5)
