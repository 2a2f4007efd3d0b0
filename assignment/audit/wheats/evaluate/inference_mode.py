"""Inference mode as a decorator, and the loss weighed by x.size(0)."""

import torch


@torch.inference_mode()
def evaluate(model, loader, loss_fn, device):
    model.eval()
    loss_sum, correct, seen = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        outputs = model(images)
        loss_sum += loss_fn(outputs, labels).item() * images.size(0)
        correct += (outputs.argmax(1) == labels).sum().item()
        seen += labels.size(0)
    return loss_sum / seen, correct / seen
