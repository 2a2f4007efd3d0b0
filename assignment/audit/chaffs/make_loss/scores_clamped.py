"""Clamps the scores to [-50, 50] for fear of overflow."""

import torch.nn.functional as F


def make_loss():
    return lambda logits, labels: F.cross_entropy(logits.clamp(-50, 50), labels)
