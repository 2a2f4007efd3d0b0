"""One loss for each example, then their mean."""

from torch import nn


class MeanOfLosses:
    def __init__(self):
        self.each = nn.CrossEntropyLoss(reduction="none")

    def __call__(self, logits, labels):
        return self.each(logits, labels).mean()


def make_loss():
    return MeanOfLosses()
