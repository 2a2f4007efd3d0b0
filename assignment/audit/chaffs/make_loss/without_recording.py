"""Computes the loss without recording gradients."""

import torch
import torch.nn.functional as F


def make_loss():
    @torch.no_grad()
    def loss(logits, labels):
        return F.cross_entropy(logits, labels)

    return loss
