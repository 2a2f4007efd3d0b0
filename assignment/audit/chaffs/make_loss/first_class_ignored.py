"""Ignores examples of class 0, taking it for padding."""

from torch import nn


def make_loss():
    return nn.CrossEntropyLoss(ignore_index=0)
