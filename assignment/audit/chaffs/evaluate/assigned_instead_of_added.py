"""Writes = instead of +=.
Misconception: figures_of_the_last_batch
"""

import torch


def evaluate(model, loader, loss_fn, device):
    model.eval()
    with torch.no_grad():
        for i, (images, labels) in enumerate(loader):
            images = images.to(device)
            labels = labels.to(device)
            outputs = model(images)
            loss = loss_fn(outputs, labels)
            running_loss = loss.item() * len(labels)
            correct = (outputs.argmax(1) == labels).sum().item()
            n = len(labels)
    return running_loss / n, correct / n
