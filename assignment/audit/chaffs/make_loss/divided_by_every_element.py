"""The sum is divided by the number of scores, not of examples.
Misconception: mean_over_classes_too
"""

import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        return F.cross_entropy(logits, labels, reduction="sum") / logits.numel()

    return loss
