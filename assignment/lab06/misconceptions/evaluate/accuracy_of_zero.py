"""The accuracy is zero: no image counts as right.

Is the prediction for every image compared with its label, and what becomes of the count?
"""

import torch


@torch.no_grad()
def evaluate(model, loader, loss_fn, device):
    model.eval()
    total_loss, num_images = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        total_loss += loss_fn(model(x), y).item() * len(y)
        num_images += len(y)
    return total_loss / num_images, 0.0
