"""The weight decay is added to the gradients in a hook before each step."""

import torch


def _add_decay(optimizer, args, kwargs):
    with torch.no_grad():
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad = p.grad + 1e-5 * p


def make_optimizer(model):
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    optimizer.register_step_pre_hook(_add_decay)
    return optimizer
