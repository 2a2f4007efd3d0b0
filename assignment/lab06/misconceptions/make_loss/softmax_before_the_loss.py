"""The scores go through a softmax before they reach the cross entropy, which takes a softmax itself.

What does PyTorch's cross entropy expect: probabilities or raw scores?
"""

import torch
from torch import Tensor, nn


def make_loss() -> object:
    entropy = nn.CrossEntropyLoss()

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        return entropy(torch.softmax(logits, dim=1), labels)

    return loss
