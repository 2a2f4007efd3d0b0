"""The largest score was taken over the images, not over the ten classes.

Which dimension of the scores counts images, and which classes?
"""

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
        total_loss += loss.item() * len(y)
        num_correct += sum(int(a == b) for a, b in zip(logits.argmax(dim=0), y))
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
