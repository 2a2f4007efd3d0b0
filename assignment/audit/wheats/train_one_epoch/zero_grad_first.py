"""Clears the gradients at the start of each batch, and weighs the loss by x.size(0)."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    loss_sum = 0.0
    correct = 0
    seen = 0
    for images, labels in loader:
        images = images.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        output = model(images)
        loss = loss_fn(output, labels)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * images.size(0)
        correct += (output.argmax(1) == labels).sum().item()
        seen += labels.size(0)
    return loss_sum / seen, correct / seen
