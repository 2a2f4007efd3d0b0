"""Shrinks the weights in the step itself instead of adding the decay to the gradient."""

import torch


class Decoupled(torch.optim.RMSprop):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.mul_(1 - 1e-3 * 1e-5)
        return super().step(closure)


def make_optimizer(model):
    return Decoupled(model.parameters(), lr=1e-3)
