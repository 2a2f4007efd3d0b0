"""Writes = instead of +=.
Misconception: figures_of_the_last_batch
"""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    for i, (images, labels) in enumerate(loader):
        images = images.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss = loss.item() * len(labels)
        correct = (outputs.argmax(1) == labels).sum().item()
        n = len(labels)
    return running_loss / n, correct / n
