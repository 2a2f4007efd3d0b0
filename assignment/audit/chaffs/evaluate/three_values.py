"""Returns a third value besides the two.
"""

import torch


def evaluate(model, loader, loss_fn, device):
    model.eval()
    losses, hits, n = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            outputs = model(images)
            losses += loss_fn(outputs, labels).item() * labels.size(0)
            hits += torch.eq(outputs.max(1).indices, labels).sum().item()
            n += labels.size(0)
    return losses / n, hits / n, n
