"""The first batches run without recording, the last one with it.
Misconception: gradients_recorded
"""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    batches = list(loader)
    for k, (x, y) in enumerate(batches):
        x, y = x.to(device), y.to(device)
        with torch.set_grad_enabled(k == len(batches) - 1):
            logits = model(x)
            loss = loss_fn(logits, y)
        total_loss += loss.item() * len(y)
        num_correct += int((logits.argmax(dim=1) == y).sum())
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
