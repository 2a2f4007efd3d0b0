"""Divides the sum by the lab's batch size, whatever the batch's size is."""

import torch.nn.functional as F


def make_loss():
    return lambda logits, labels: F.cross_entropy(logits, labels, reduction="sum") / 64
