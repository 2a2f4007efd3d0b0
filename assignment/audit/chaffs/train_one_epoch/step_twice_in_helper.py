"""Calls a helper that steps, then steps again.
Misconception: two_steps_a_batch
"""

import torch


def update(loss, optimizer):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    running_loss = 0
    correct = 0
    n = 0
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        outputs = model(images)
        loss = loss_fn(outputs, labels)
        update(loss, optimizer)
        optimizer.step()
        running_loss += loss.item() * images.size(0)
        _, predicted = torch.max(outputs, 1)
        correct += (predicted == labels).sum().item()
        n += labels.size(0)
    return running_loss / n, correct / n
