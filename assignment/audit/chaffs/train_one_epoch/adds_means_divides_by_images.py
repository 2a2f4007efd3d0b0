"""Adds the means up on the device and divides by the images.
Misconception: loss_not_weighted
"""


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
        running_loss += loss.detach()
        correct += outputs.argmax(dim=1).eq(labels).sum().item()
        n += labels.shape[0]
    return running_loss / n, correct / n
