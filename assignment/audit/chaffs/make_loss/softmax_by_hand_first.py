"""Probabilities by hand, then log-softmax and likelihood.
Misconception: softmax_before_the_loss
"""

import torch
import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        e = torch.exp(logits - logits.max(dim=1, keepdim=True)[0])
        probs = e / e.sum(dim=1, keepdim=True)
        return F.nll_loss(F.log_softmax(probs, dim=1), labels)

    return loss
