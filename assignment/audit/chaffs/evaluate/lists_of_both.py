"""Takes the mean of lists of the batches' losses and accuracies.
Misconception: both_means_over_batches
"""

import torch


def evaluate(model, loader, loss_fn, device):
    losses, accs = [], []
    with torch.no_grad():
        for i, (images, labels) in enumerate(loader):
            images = images.to(device)
            labels = labels.to(device)
            outputs = model(images)
            loss = loss_fn(outputs, labels)
            losses.append(loss.item())
            accs.append((outputs.argmax(1) == labels).float().mean().item())
    return sum(losses) / len(losses), sum(accs) / len(accs)
