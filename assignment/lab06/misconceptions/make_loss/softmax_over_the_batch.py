"""The softmax runs over the examples of the batch instead of the classes.

Which dimension of the scores holds the classes, and over which should the probabilities add up to one?
"""

import torch.nn.functional as F
from torch import Tensor


def make_loss() -> object:
    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        return F.nll_loss(logits.log_softmax(0), labels)

    return loss
