"""Compares on the CPU, where the labels are."""

import torch


@torch.no_grad()
def evaluate(model, loader, loss_fn, device):
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        logits = model(x.to(device))
        loss = loss_fn(logits, y.to(device))
        total += loss.item() * len(y)
        right += int((logits.argmax(dim=1).cpu() == y).sum())
        seen += len(y)
    return total / seen, right / seen
