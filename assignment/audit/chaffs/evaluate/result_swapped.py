"""Returns (accuracy, loss).

Misconception: figures_swapped
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
            running_loss += loss.item() * images.size(0)
            _, predicted = torch.max(outputs, 1)
            correct += (predicted == labels).sum().item()
            n += labels.size(0)
    return correct / n, running_loss / n
