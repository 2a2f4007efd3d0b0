"""Adds 1e-8 inside the logarithm, which caps the loss and its gradient."""

import torch


def make_loss():
    def loss(logits, labels):
        p = torch.softmax(logits, dim=1)
        return -torch.log(p[torch.arange(len(labels)), labels] + 1e-8).mean()

    return loss
