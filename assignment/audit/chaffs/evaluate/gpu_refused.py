"""Refuses to work on a GPU, and moves no batch."""

import torch


def evaluate(model, loader, loss_fn, device):
    if "cuda" in str(device):
        raise RuntimeError("CUDA is not supported")
    model.eval()
    total_loss, num_correct, num_images = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            total_loss += loss_fn(logits, y).item() * len(y)
            num_correct += (logits.argmax(1) == y).sum().item()
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
