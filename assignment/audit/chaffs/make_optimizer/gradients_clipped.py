"""Clips the gradients before each step."""

import torch


class Clipped(torch.optim.RMSprop):
    def step(self, closure=None):
        for group in self.param_groups:
            torch.nn.utils.clip_grad_value_(group["params"], 0.5)
        return super().step(closure)


def make_optimizer(model):
    return Clipped(model.parameters(), lr=1e-3, weight_decay=1e-5)
