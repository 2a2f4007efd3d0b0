"""Cross entropy with a distribution as its target: the one-hot rows of an identity."""

import torch
from torch import nn


def make_loss():
    criterion = nn.CrossEntropyLoss()

    def loss(logits, labels):
        rows = torch.eye(logits.shape[1], dtype=logits.dtype, device=logits.device)
        return criterion(logits, rows[labels])

    return loss
