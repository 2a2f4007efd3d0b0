"""RMSprop written anew as an Optimizer, from its formula."""

import torch
from torch.optim import Optimizer


class OwnRMSprop(Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 1e-3, "decay": 1e-5, "alpha": 0.99, "eps": 1e-8})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                g = p.grad + group["decay"] * p
                v = self.state[p].get("v", torch.zeros_like(p))
                v = group["alpha"] * v + (1 - group["alpha"]) * g**2
                self.state[p]["v"] = v
                p -= group["lr"] * g / (v.sqrt() + group["eps"])


def make_optimizer(model):
    return OwnRMSprop(model.parameters())
