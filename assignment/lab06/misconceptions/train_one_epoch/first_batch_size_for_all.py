"""Every batch is assumed to be as large as the first.

The last batch may be smaller. Where can its own size be read?
"""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    running_loss = 0
    correct = 0
    n = 0
    size = None
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        size = size or len(labels)
        running_loss += loss.item() * size
        correct += (outputs.argmax(1) == labels).sum().item()
        n += size
    return running_loss / n, correct / n
