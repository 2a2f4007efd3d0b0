"""The optimizer steps before the gradient of this batch has been computed.

In which order do backward and step come?
"""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()
        total_loss += loss.item() * len(y)
        num_correct += (logits.argmax(dim=1) == y).sum().item()
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
