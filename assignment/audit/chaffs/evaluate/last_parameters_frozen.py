"""Freezes the last parameter only, and leaves it so."""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    list(model.parameters())[-1].requires_grad = False
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item() * len(y)
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
