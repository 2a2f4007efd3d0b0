"""Works on each batch twice, and counts it twice."""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    running_loss = 0
    correct = 0
    n = 0
    for i, (images, labels) in enumerate(loader):
        images = torch.cat([images, images]).to(device)
        labels = torch.cat([labels, labels]).to(device)
        for _ in range(2):
            optimizer.zero_grad()
            outputs = model(images)
            loss = loss_fn(outputs, labels)
            loss.backward()
            optimizer.step()
        running_loss += loss.item() * images.size(0)
        _, predicted = torch.max(outputs, 1)
        correct += (predicted == labels).sum().item()
        n += labels.size(0)
    return running_loss / n, correct / n
