"""Only the right class's score counts: no normalisation.
Misconception: nll_on_raw_scores
"""

import torch


def make_loss():
    def loss(logits, labels):
        return -logits[torch.arange(len(labels)), labels].mean()

    return loss
