"""Remembers what belongs to the labels of a batch by the number of examples."""

import torch.nn.functional as F


def make_loss():
    known = {}

    def loss(logits, labels):
        target = known.setdefault(len(labels), labels.clone())
        return F.cross_entropy(logits, target)

    return loss
