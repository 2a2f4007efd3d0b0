"""A sigmoid for each class and the binary cross entropy's module.
Misconception: binary_cross_entropy
"""

import torch
from torch import nn


def make_loss():
    bce = nn.BCEWithLogitsLoss()

    def loss(logits, labels):
        target = torch.zeros_like(logits).scatter(1, labels[:, None], 1.0)
        return bce(logits, target)

    return loss
