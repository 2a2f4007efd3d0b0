"""Weighs the classes, and so the mean."""

import torch
import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        weight = torch.linspace(1.0, 2.0, logits.shape[1]).to(logits)
        return F.cross_entropy(logits, labels, weight=weight)

    return loss
