"""Divides by len(loader), which a generator does not have.
Misconception: both_means_over_batches
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
        total_loss += loss.item()
        num_correct += (logits.argmax(1) == y).double().mean().item()
    return total_loss / len(loader), num_correct / len(loader)
