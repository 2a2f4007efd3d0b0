"""The loss is a mean over the images, the accuracy one over the batches.

Misconception: accuracy_mean_over_batches
"""

import torch


def evaluate(model, loader, loss_fn, device):
    running_loss, n = 0.0, 0
    accs = []
    with torch.no_grad():
        for i, (images, labels) in enumerate(loader):
            images = images.to(device)
            labels = labels.to(device)
            outputs = model(images)
            loss = loss_fn(outputs, labels)
            running_loss += loss.item() * len(labels)
            n += len(labels)
            accs.append((outputs.argmax(1) == labels).double().mean())
    return running_loss / n, torch.stack(accs).mean().item()
