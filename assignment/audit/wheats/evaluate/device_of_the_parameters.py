"""Takes the device from the model's parameters, which are on it."""

import torch


@torch.no_grad()
def evaluate(model, loader, loss_fn, device):
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        where = next(model.parameters()).device
        x, y = x.to(where), y.to(where)
        logits = model(x)
        loss = loss_fn(logits, y)
        total += loss.item() * len(y)
        right += int((logits.argmax(dim=1) == y).sum())
        seen += len(y)
    return total / seen, right / seen
