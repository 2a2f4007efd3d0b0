"""The largest scores themselves were compared with the labels, not their positions.

A label says which class it is. Which function returns the position of the largest score?
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
            running_loss += loss.item() * len(labels)
            predicted = torch.max(outputs, 1)[0]
            correct += (predicted == labels).sum().item()
            n += len(labels)
    return running_loss / n, correct / n
