"""A focal loss: easy examples count less."""

import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        each = F.cross_entropy(logits, labels, reduction="none")
        return ((1 - (-each).exp()) ** 2 * each).mean()

    return loss
