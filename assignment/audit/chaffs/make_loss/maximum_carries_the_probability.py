"""Uses the largest log-probability, not that of the label."""

import torch


def make_loss():
    return lambda logits, labels: -torch.log_softmax(logits, dim=1).max(dim=1).values.mean()
