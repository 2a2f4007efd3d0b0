"""Uses cross entropy and ignores the loss given.

Misconception: own_criterion_used
"""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    running_loss = 0
    correct = 0
    n = 0
    criterion = torch.nn.CrossEntropyLoss()
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * images.size(0)
        _, predicted = torch.max(outputs, 1)
        correct += (predicted == labels).sum().item()
        n += labels.size(0)
    return running_loss / n, correct / n
