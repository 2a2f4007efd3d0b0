"""The mean runs over the classes too, so the loss is too small by the number of classes.

Over what does the lab ask for the mean? How many numbers does your sum really have?
"""

import torch.nn.functional as F
from torch import Tensor


def make_loss() -> object:
    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        target = F.one_hot(labels, logits.shape[1]).to(logits.dtype)
        return -(target * logits.log_softmax(1)).mean()

    return loss
