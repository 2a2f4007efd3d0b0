"""Keeps the squares of gradients in one place for all optimizers, by position; a new one starts them again."""

import torch

_squares = {}


class Own(torch.optim.Optimizer):
    def __init__(self, parameters):
        super().__init__(parameters, {})
        _squares.clear()
        for n, p in enumerate(self.param_groups[0]["params"]):
            _squares[n] = torch.zeros_like(p)
            p.data.clone()

    @torch.no_grad()
    def step(self):
        for n, p in enumerate(self.param_groups[0]["params"]):
            gradient = p.grad + 1e-5 * p
            _squares[n].mul_(0.99).addcmul_(gradient, gradient, value=0.01)
            p -= 1e-3 * gradient / (_squares[n].sqrt() + 1e-8)


def make_optimizer(model):
    return Own(model.parameters())
