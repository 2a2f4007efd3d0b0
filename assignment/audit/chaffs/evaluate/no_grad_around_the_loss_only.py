"""The model runs outside of no_grad.
Misconception: gradients_recorded
"""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        with torch.no_grad():
            loss = loss_fn(logits, y)
        total_loss += loss.item() * len(y)
        num_correct += int((logits.argmax(dim=1) == y).sum())
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
