"""Goes through the loader a second time for the figures."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        total_loss += loss_fn(logits, y).item() * len(y)
        num_correct += (logits.argmax(1) == y).sum().item()
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
