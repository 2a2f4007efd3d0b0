"""The optimizer makes two steps for each batch, with the same gradient.

Count how often `step` is called for each batch.
"""

from typing import Any


def train_one_epoch(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, device: Any
) -> tuple[float, float]:
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += int((logits.argmax(1) == y).sum())
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
