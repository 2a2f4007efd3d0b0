"""Turns the labels into floats, which cross entropy does not take."""

from torch import nn


def make_loss():
    criterion = nn.CrossEntropyLoss()
    return lambda logits, labels: criterion(logits, labels.float())
