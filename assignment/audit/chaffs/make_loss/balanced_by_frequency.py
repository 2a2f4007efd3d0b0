"""Weighs each class by how rare it is in the batch."""

import torch
import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        counts = torch.bincount(labels, minlength=logits.shape[1]).clamp(min=1)
        return F.cross_entropy(logits, labels, weight=(1.0 / counts).to(logits))

    return loss
