"""RMSprop written out, with PyTorch's defaults."""

import torch


class Own(torch.optim.Optimizer):
    def __init__(self, parameters):
        super().__init__(parameters, {})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                gradient = p.grad + 1e-5 * p
                square = self.state[p].setdefault("square", torch.zeros_like(p))
                square.mul_(0.99).addcmul_(gradient, gradient, value=0.01)
                p -= 1e-3 * gradient / (square.sqrt() + 1e-8)


def make_optimizer(model):
    return Own(model.parameters())
