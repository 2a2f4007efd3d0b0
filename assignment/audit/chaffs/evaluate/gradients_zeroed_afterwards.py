"""Calls backward and then clears every gradient."""

import torch


def evaluate(model, loader, loss_fn, device):
    model.eval()
    running_loss = 0
    correct = 0
    n = 0
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        outputs = model(images)
        loss = loss_fn(outputs, labels)
        loss.backward()
        running_loss += loss.item() * images.size(0)
        _, predicted = torch.max(outputs, 1)
        correct += (predicted == labels).sum().item()
        n += labels.size(0)
    model.zero_grad()
    return running_loss / n, correct / n
