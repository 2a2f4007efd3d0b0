"""The mean squared difference to a table of zeros and ones.
Misconception: squared_error_of_raw_scores
"""

import torch


def make_loss():
    def loss(logits, labels):
        table = torch.zeros_like(logits)
        table[torch.arange(len(labels)), labels] = 1
        return ((logits - table) ** 2).mean()

    return loss
