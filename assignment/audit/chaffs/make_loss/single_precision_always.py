"""Computes in float32, whatever comes in."""

import torch.nn.functional as F


def make_loss():
    return lambda logits, labels: F.cross_entropy(logits.float(), labels).to(logits.dtype)
