"""Takes the logarithm to base 2."""

import torch


def make_loss():
    def loss(logits, labels):
        p = torch.softmax(logits, dim=1)
        return -torch.log2(p[torch.arange(len(labels)), labels]).mean()

    return loss
