"""Switches recording off by hand and puts it back as it was."""

import torch


def evaluate(model, loader, loss_fn, device):
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        total, correct, n = 0.0, 0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            scores = model(x)
            total += float(loss_fn(scores, y)) * len(x)
            correct += int((scores.max(1).indices == y).sum())
            n += len(x)
    finally:
        torch.set_grad_enabled(before)
    return total / n, correct / n
