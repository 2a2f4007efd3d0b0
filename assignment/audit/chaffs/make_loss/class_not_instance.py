"""Returns the class instead of an instance."""

from torch import nn


def make_loss():
    return nn.CrossEntropyLoss
