"""A module of one's own with a maximum taken off before the exponential."""

import torch
from torch import nn


class SoftmaxLoss(nn.Module):
    def forward(self, logits, labels):
        shifted = logits - logits.max(dim=1, keepdim=True).values.detach()
        log_norm = shifted.exp().sum(dim=1).log()
        right = shifted[torch.arange(len(labels)), labels]
        return torch.mean(log_norm - right)


def make_loss():
    return SoftmaxLoss()
