"""One-hot labels of ten classes, weighted with the logarithms of a stable softmax."""

import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        targets = F.one_hot(labels, num_classes=10).to(logits.dtype)
        return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()

    return loss
