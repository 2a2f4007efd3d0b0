"""The accuracy is zero: no image counts as right.

Is the prediction for every image compared with its label, and what becomes of the count?
"""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    total_loss, num_images = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_images += len(y)
    return total_loss / num_images, 0.0
