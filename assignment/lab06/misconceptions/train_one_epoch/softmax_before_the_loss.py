"""The logits go through a softmax before they reach `loss_fn`.

The loss is made for raw scores; what does the model give, and does anything have to come between?
"""

from typing import Any


def train_one_epoch(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, device: Any
) -> tuple[float, float]:
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        probabilities = model(x).softmax(dim=1)
        loss = loss_fn(probabilities, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += int((probabilities.argmax(1) == y).sum())
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
