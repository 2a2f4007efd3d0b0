"""`squeeze` takes the dimension of a batch of one away.

What shape do the logits of a single image have, and what does `squeeze` make of it?
"""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x).squeeze()
            loss = loss_fn(logits, y)
            total_loss += loss.item() * len(y)
            num_correct += (logits.argmax(dim=1) == y).sum().item()
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
