"""Goes through the loader once for the loss and once for the accuracy.

Misconception: accuracy_of_zero
"""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item() * len(y)
            num_images += len(y)
    with torch.no_grad():
        for x, y in loader:
            num_correct += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
    return total_loss / num_images, num_correct / num_images
