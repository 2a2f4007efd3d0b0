"""The loss is the squared error between probabilities and one-hot labels.

That measures a distance; cross entropy asks how probable the right class was.
"""

import torch.nn.functional as F
from torch import Tensor


def make_loss() -> object:
    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        return F.mse_loss(logits.softmax(1), F.one_hot(labels, logits.shape[1]).to(logits.dtype))

    return loss
