"""The accuracy comes from predictions made after the step on the same batch.

The model has just learnt from these images. Which predictions are asked for?
"""

from typing import Any


def train_one_epoch(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, device: Any
) -> tuple[float, float]:
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += int((model(x).argmax(1) == y).sum())
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
