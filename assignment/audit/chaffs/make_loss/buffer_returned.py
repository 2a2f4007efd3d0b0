"""Writes every loss into the same tensor, so that an earlier one changes with the next call."""

import torch
import torch.nn.functional as F


def make_loss():
    kept = torch.zeros((), dtype=torch.float64)

    def loss(logits, labels):
        kept.detach_()
        kept.copy_(F.cross_entropy(logits, labels))
        return kept

    return loss
