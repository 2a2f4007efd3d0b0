"""Picks the right scores out of one long row, which works only where they lie so in memory."""

import torch


def make_loss():
    def loss(logits, labels):
        classes = logits.shape[1]
        row = logits.view(-1)
        right = row[torch.arange(len(labels)) * classes + labels]
        return (torch.logsumexp(logits, dim=1) - right).mean()

    return loss
