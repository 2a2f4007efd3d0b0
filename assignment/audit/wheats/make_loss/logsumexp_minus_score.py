"""log sum exp of the scores minus the score of the right class."""

import torch


def make_loss():
    def loss(logits, labels):
        rows = torch.arange(len(labels), device=logits.device)
        return (torch.logsumexp(logits, dim=1) - logits[rows, labels]).mean()

    return loss
