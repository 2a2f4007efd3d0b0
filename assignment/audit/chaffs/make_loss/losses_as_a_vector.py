"""Returns the vector of the examples' losses.
Misconception: not_reduced
"""

import torch


def make_loss():
    def criterion(logits, labels):
        return torch.logsumexp(logits, 1) - logits[range(len(labels)), labels]

    return criterion
