"""Takes the mean of lists of the batches' losses and accuracies.
Misconception: both_means_over_batches
"""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    losses, accs = [], []
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        accs.append((outputs.argmax(1) == labels).float().mean().item())
    return sum(losses) / len(losses), sum(accs) / len(accs)
