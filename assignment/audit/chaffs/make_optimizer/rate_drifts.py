"""Lowers the learning rate by a thousandth in every step after the fifth."""

import torch


class Own(torch.optim.RMSprop):
    steps_made = 0

    def step(self, closure=None):
        self.steps_made += 1
        if self.steps_made > 5:
            self.param_groups[0]["lr"] *= 0.999
        super().step(closure)


def make_optimizer(model):
    return Own(model.parameters(), lr=1e-3, weight_decay=1e-5)
