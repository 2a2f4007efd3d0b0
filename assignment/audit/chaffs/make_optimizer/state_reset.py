"""Forgets the squares of earlier gradients after every twenty steps."""

import torch


class Own(torch.optim.RMSprop):
    steps_made = 0

    def step(self, closure=None):
        self.steps_made += 1
        if self.steps_made % 20 == 0:
            self.state.clear()
        super().step(closure)


def make_optimizer(model):
    return Own(model.parameters(), lr=1e-3, weight_decay=1e-5)
