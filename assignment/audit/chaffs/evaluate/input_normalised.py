"""Subtracts the batch's mean and divides by its deviation first."""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            x = (x - x.mean()) / x.std()
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item() * len(y)
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
