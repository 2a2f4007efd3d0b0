"""`squeeze` takes the dimension of a batch of one away.

What shape do the logits of a single image have, and what does `squeeze` make of it?
"""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x).squeeze()
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += (logits.argmax(dim=1) == y).sum().item()
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
