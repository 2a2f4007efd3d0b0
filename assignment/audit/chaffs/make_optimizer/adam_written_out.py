"""Adam with its default betas and step size, spelt out.
Misconception: adam
"""

from torch import optim


def make_optimizer(model):
    params = list(model.parameters())
    return optim.Adam(params, 0.001, (0.9, 0.999), 1e-8, 0.00001)
