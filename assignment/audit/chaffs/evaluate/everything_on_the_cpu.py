"""Takes the model back to the CPU, whatever device is asked for."""

import torch


@torch.no_grad()
def evaluate(model, loader, loss_fn, device):
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        model.cpu()
        x, y = x.cpu(), y.cpu()
        logits = model(x)
        loss = loss_fn(logits, y)
        total += loss.item() * len(y)
        right += int((logits.argmax(dim=1) == y).sum())
        seen += len(y)
    return total / seen, right / seen
