"""The mean probability of the right class, negative, without a logarithm.
Misconception: nll_on_probabilities
"""

import torch


def make_loss():
    def loss(logits, labels):
        p = torch.nn.Softmax(dim=1)(logits)
        return -p.gather(1, labels.view(-1, 1)).mean()

    return loss
