"""The mean loss is the mean of the batches' means, so a small last batch counts as much as a full one.

How much of the total does a batch of one image contribute, and what do you divide by?
"""

from typing import Any

import torch


def evaluate(model: Any, loader: Any, loss_fn: Any, device: Any) -> tuple[float, float]:
    total_loss, num_correct, num_images = 0.0, 0, 0
    num_batches = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item()
            num_batches += 1
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    return total_loss / num_batches, num_correct / num_images
