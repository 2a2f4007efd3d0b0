"""Writes the softmax as exponentials, which overflow for large scores in float32."""


def make_loss():
    def loss(logits, labels):
        of_labels = logits.gather(1, labels.unsqueeze(1)).squeeze(1)
        return (logits.exp().sum(dim=1).log() - of_labels).mean()

    return loss
