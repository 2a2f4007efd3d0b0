"""Squeezes the scores, so that a batch of one example has no batch dimension left."""

import torch


def make_loss():
    def loss(logits, labels):
        logp = torch.log_softmax(logits.squeeze(), dim=1)
        return -logp[torch.arange(len(labels)), labels].mean()

    return loss
