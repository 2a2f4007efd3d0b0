"""Leaves the weight decay out after the tenth step."""

import torch


class Own(torch.optim.RMSprop):
    steps_made = 0

    def step(self, closure=None):
        self.steps_made += 1
        if self.steps_made > 10:
            self.param_groups[0]["weight_decay"] = 0.0
        super().step(closure)


def make_optimizer(model):
    return Own(model.parameters(), lr=1e-3, weight_decay=1e-5)
