"""Divides the loss by the batch size before backward, though it is a mean already."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    running_loss = 0
    correct = 0
    n = 0
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = loss_fn(outputs, labels) / len(labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * len(labels) ** 2
        correct += (outputs.argmax(1) == labels).sum().item()
        n += len(labels)
    return running_loss / n, correct / n
