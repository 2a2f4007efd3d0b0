"""RMSprop by hand, on gradients with the sign turned round.
Misconception: uphill
"""

import torch


class Wrong(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            g = 1e-5 * p - p.grad
            v = self.state[p].get("v", torch.zeros_like(p))
            v = 0.99 * v + 0.01 * g**2
            self.state[p]["v"] = v
            p -= 1e-3 * g / (v.sqrt() + 1e-8)


def make_optimizer(model):
    return Wrong(model.parameters())
