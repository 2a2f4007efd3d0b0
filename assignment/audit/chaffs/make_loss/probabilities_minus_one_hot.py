"""The mean squared difference of probabilities and a table of zeros and ones.
Misconception: squared_error_of_probabilities
"""

import torch
from torch import nn


def make_loss():
    mse = nn.MSELoss()

    def loss(logits, labels):
        return mse(torch.softmax(logits, -1), torch.eye(logits.size(1)).to(logits)[labels])

    return loss
