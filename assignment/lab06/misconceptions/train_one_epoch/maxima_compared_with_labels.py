"""The largest scores themselves were compared with the labels, not their positions.

A label says which class it is. Which function returns the position of the largest score?
"""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    running_loss = 0
    correct = 0
    n = 0
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * len(labels)
        predicted = torch.max(outputs, 1)[0]
        correct += (predicted == labels).sum().item()
        n += len(labels)
    return running_loss / n, correct / n
