"""A loop over the examples that stacks their losses."""

import torch


def make_loss():
    def loss(logits, labels):
        losses = []
        for scores, label in zip(logits, labels.tolist()):
            losses.append(torch.logsumexp(scores, 0) - scores[label])
        return torch.stack(losses).mean()

    return loss
