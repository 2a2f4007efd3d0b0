"""PyTorch records gradients throughout, although nothing is learnt here.

Which context tells PyTorch not to record? `model.eval()` does not.
"""

from typing import Any


def evaluate(model: Any, loader: Any, loss_fn: Any, device: Any) -> tuple[float, float]:
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        total_loss += loss.item() * len(y)
        num_correct += int((logits.argmax(dim=1) == y).sum())
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
