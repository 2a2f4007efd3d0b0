"""Every batch is assumed to be as large as the first.

The last batch may be smaller. Where can its own size be read?
"""

import torch


def evaluate(model, loader, loss_fn, device):
    model.eval()
    running_loss = 0
    correct = 0
    n = 0
    size = None
    with torch.no_grad():
        for i, (images, labels) in enumerate(loader):
            images = images.to(device)
            labels = labels.to(device)
            outputs = model(images)
            loss = loss_fn(outputs, labels)
            size = size or len(labels)
            running_loss += loss.item() * size
            correct += (outputs.argmax(1) == labels).sum().item()
            n += size
    return running_loss / n, correct / n
