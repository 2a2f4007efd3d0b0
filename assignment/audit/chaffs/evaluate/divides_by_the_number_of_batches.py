"""Counts batches and divides the loss by their number.
Misconception: loss_mean_over_batches
"""

import torch


def evaluate(model, loader, loss_fn, device):
    model.eval()
    running_loss = 0
    correct = 0
    n = 0
    with torch.no_grad():
        for i, (images, labels) in enumerate(loader):
            images = images.to(device)
            labels = labels.to(device)
            outputs = model(images)
            loss = loss_fn(outputs, labels)
            running_loss += loss
            correct += (outputs.argmax(1) == labels).sum().item()
            n += len(labels)
    return (running_loss / (i + 1)).item(), correct / n
