"""Adds the means up and divides by the images.
Misconception: loss_not_weighted
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
            correct += outputs.argmax(dim=1).eq(labels).sum()
            n += labels.shape[0]
    return running_loss.item() / n, correct.item() / n
