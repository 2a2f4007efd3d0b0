"""Sums over the batch and divides by its size."""

from torch import nn


def make_loss():
    total = nn.CrossEntropyLoss(reduction="sum")
    return lambda logits, labels: total(logits, labels) / labels.numel()
