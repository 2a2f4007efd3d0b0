"""Loss and accuracy are means over the batches, so a small last batch counts as much as a full one.

Both should be means over the images: how much does a batch of one image contribute?
"""

from typing import Any


def train_one_epoch(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, device: Any
) -> tuple[float, float]:
    total_loss, total_accuracy, num_batches = 0.0, 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
        total_accuracy += float((logits.argmax(1) == y).double().mean())
        num_batches += 1
    return total_loss / num_batches, total_accuracy / num_batches
