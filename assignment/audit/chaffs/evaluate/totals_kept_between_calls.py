"""Keeps the totals of earlier calls in default arguments."""

import torch


@torch.no_grad()
def evaluate(model, loader, loss_fn, device, totals=[0.0, 0, 0]):
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        totals[0] += loss_fn(logits, y).item() * len(y)
        totals[1] += int((logits.argmax(dim=1) == y).sum())
        totals[2] += len(y)
    return totals[0] / totals[2], totals[1] / totals[2]
