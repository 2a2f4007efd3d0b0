"""Divides by len(loader): the number of batches, which a generator does not know.
Misconception: both_means_over_batches
"""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item()
            num_correct += (logits.argmax(1) == y).double().mean().item()
    return total_loss / len(loader), num_correct / len(loader)
