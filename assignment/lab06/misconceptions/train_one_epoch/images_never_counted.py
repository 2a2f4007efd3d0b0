"""The number of images stays 0.

What do you divide by, and where does it grow?
"""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += (logits.argmax(dim=1) == y).sum().item()
        pass
    return total_loss / num_images, num_correct / num_images
