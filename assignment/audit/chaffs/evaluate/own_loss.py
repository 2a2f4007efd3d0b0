"""Uses cross entropy and ignores the loss given.

Misconception: own_criterion_used
"""

import torch


def evaluate(model, loader, loss_fn, device):
    model.eval()
    running_loss = 0
    correct = 0
    n = 0
    criterion = torch.nn.CrossEntropyLoss()
    with torch.no_grad():
        for i, (images, labels) in enumerate(loader):
            images = images.to(device)
            labels = labels.to(device)
            outputs = model(images)
            loss = criterion(outputs, labels)
            running_loss += loss.item() * images.size(0)
            _, predicted = torch.max(outputs, 1)
            correct += (predicted == labels).sum().item()
            n += labels.size(0)
    return running_loss / n, correct / n
