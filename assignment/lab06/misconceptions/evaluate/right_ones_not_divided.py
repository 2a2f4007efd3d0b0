"""The accuracy is the number of images classified correctly, not their share.

A share is between 0 and 1. What is the number to be divided by?
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
            total_loss += loss.item() * len(y)
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    return total_loss / num_images, float(num_correct)
