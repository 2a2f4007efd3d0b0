"""The mean comes as a tensor of shape (1,), still one element."""

import torch.nn.functional as F


def make_loss():
    def criterion(y_pred, y_true):
        return F.cross_entropy(y_pred, y_true, reduction="mean").reshape(1)

    return criterion
