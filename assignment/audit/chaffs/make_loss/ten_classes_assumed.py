"""One-hot labels of ten classes, whatever the number of scores."""

import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        target = F.one_hot(labels, 10).to(logits.dtype)
        return -(target * logits.log_softmax(1)).sum(1).mean()

    return loss
