"""Adds up the losses of the examples and forgets to divide.
Misconception: summed_over_the_batch
"""

import torch


def make_loss():
    def loss(logits, labels):
        total = 0
        logp = torch.log_softmax(logits, dim=1)
        for i in range(len(labels)):
            total = total - logp[i, labels[i]]
        return total

    return loss
