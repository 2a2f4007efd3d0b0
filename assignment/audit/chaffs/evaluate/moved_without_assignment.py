"""Calls to(device) and drops what comes back."""

import torch


@torch.no_grad()
def evaluate(model, loader, loss_fn, device):
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        x.to(device)
        y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        total += loss.item() * len(y)
        right += int((logits.argmax(dim=1) == y).sum())
        seen += len(y)
    return total / seen, right / seen
