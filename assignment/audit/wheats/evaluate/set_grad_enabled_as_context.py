"""set_grad_enabled(False) as a context, sums as float64 tensors on the device."""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss = torch.zeros((), dtype=torch.float64, device=device)
    num_correct = torch.zeros((), dtype=torch.float64, device=device)
    num_images = 0
    with torch.set_grad_enabled(False):
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            total_loss += loss_fn(logits, y) * len(y)
            num_correct += (logits.argmax(-1) == y).sum()
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
