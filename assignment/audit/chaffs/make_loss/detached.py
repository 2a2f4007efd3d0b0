"""Returns a plain number, cut from the graph."""

import torch.nn.functional as F


def make_loss():
    return lambda logits, labels: F.cross_entropy(logits, labels).item()
