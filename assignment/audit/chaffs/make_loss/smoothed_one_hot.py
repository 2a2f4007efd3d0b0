"""Mixes the one-hot labels with a tenth of the uniform distribution.
Misconception: label_smoothing
"""

import torch


def make_loss():
    def loss(logits, labels):
        n = logits.shape[1]
        target = torch.full_like(logits, 0.1 / n)
        target[torch.arange(len(labels)), labels] += 0.9
        return -(target * torch.log_softmax(logits, 1)).sum(1).mean()

    return loss
