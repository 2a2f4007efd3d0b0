"""The likelihood's sum over the batch.
Misconception: summed_over_the_batch
"""

from torch import nn


def make_loss():
    m = nn.LogSoftmax(dim=1)
    nll = nn.NLLLoss(reduction="sum")
    return lambda a, b: nll(m(a), b)
