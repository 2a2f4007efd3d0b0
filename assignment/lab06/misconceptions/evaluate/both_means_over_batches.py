"""Loss and accuracy are means over the batches, so a small last batch counts as much as a full one.

Both should be means over the images: how much does a batch of one image contribute?
"""

from typing import Any

import torch


def evaluate(model: Any, loader: Any, loss_fn: Any, device: Any) -> tuple[float, float]:
    total_loss, total_accuracy, num_batches = 0.0, 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item()
            total_accuracy += float((logits.argmax(dim=1) == y).double().mean())
            num_batches += 1
    return total_loss / num_batches, total_accuracy / num_batches
