"""The mean loss is the mean of the batches' means, so a small last batch counts as much as a full one.

How much of the total does a batch of one image contribute, and what do you divide by?
"""

from typing import Any


def train_one_epoch(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, device: Any
) -> tuple[float, float]:
    total_loss, num_correct, num_images, num_batches = 0.0, 0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
        num_batches += 1
        num_correct += int((logits.argmax(1) == y).sum())
        num_images += len(y)
    return total_loss / num_batches, num_correct / num_images
