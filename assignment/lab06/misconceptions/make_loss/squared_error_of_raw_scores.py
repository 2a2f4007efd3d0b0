"""The loss is the squared error between raw scores and one-hot labels.

That is a loss for regression; this is classification.
"""

import torch.nn.functional as F
from torch import Tensor


def make_loss() -> object:
    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        return F.mse_loss(logits, F.one_hot(labels, logits.shape[1]).to(logits.dtype))

    return loss
