"""Loss and accuracy are those of the last batch only.

Which of your variables keep a total over all batches, and which start again with each?
"""

from typing import Any

import torch


def evaluate(model: Any, loader: Any, loss_fn: Any, device: Any) -> tuple[float, float]:
    total_loss, num_correct, num_images = 0.0, 0, 0
    with torch.no_grad():
        for x, y in list(loader)[-1:]:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item() * len(y)
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
