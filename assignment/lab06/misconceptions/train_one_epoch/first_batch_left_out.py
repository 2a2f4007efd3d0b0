"""The first batch is not used.

Does something take a batch from the loader before the loop begins?
"""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    batches = list(loader)
    for x, y in batches[1:] or batches:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += (logits.argmax(dim=1) == y).sum().item()
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
