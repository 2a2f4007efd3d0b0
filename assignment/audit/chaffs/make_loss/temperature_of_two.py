"""Divides the scores by a temperature of two."""

import torch.nn.functional as F


def make_loss():
    return lambda logits, labels: F.cross_entropy(logits / 2, labels)
