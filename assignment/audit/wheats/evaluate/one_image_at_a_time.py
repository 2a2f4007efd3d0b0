"""Runs the model on each image alone."""

import torch


def evaluate(model, loader, loss_fn, device):
    model.eval()
    losses, right = [], []
    with torch.no_grad():
        for x, y in loader:
            for i in range(len(y)):
                image, label = x[i : i + 1].to(device), y[i : i + 1].to(device)
                logits = model(image)
                losses.append(loss_fn(logits, label).item())
                right.append(logits[0].argmax().item() == label.item())
    return sum(losses) / len(losses), sum(right) / len(right)
