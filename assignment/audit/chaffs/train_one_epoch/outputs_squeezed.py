"""Squeezes the outputs, which takes a batch of one away.

Misconception: logits_squeezed
"""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    losses, hits, n = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        outputs = model(images).squeeze()
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        losses += loss.item() * labels.size(0)
        hits += outputs.max(1).indices.eq(labels).sum().item()
        n += labels.size(0)
    return losses / n, hits / n
