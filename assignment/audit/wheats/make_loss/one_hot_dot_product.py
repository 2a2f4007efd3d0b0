"""The dot product of one-hot labels and log-probabilities."""

import torch.nn.functional as F


def make_loss():
    def loss(logits, labels):
        target = F.one_hot(labels, num_classes=logits.shape[1]).to(logits.dtype)
        return -(target * logits.log_softmax(dim=1)).sum() / len(labels)

    return loss
