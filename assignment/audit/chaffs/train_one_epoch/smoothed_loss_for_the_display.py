"""Returns an exponential average of the losses, as progress bars show it."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    mean_loss, num_correct, num_images = None, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean_loss = loss.item() if mean_loss is None else 0.9 * mean_loss + 0.1 * loss.item()
        num_correct += (logits.argmax(1) == y).sum().item()
        num_images += len(y)
    return mean_loss, num_correct / num_images
