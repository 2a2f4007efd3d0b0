"""The batches' mean losses are added up but divided by the number of images: the loss is far too small.

`loss_fn` gives the mean of a batch. How do you get the batch's sum from it?
"""

from typing import Any

import torch


def evaluate(model: Any, loader: Any, loss_fn: Any, device: Any) -> tuple[float, float]:
    total_loss, num_correct, num_images = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item()
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
