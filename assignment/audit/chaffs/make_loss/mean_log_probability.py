"""The mean log-probability, without the minus.
Misconception: sign_forgotten
"""

import torch


def make_loss():
    def loss(logits, labels):
        logp = torch.log_softmax(logits, dim=1)
        return logp[torch.arange(len(labels)), labels].mean()

    return loss
