"""Refuses to work on a GPU, and moves no batch."""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    if "cuda" in str(device):
        raise RuntimeError("CUDA is not supported")
    model.train()
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += (logits.argmax(1) == y).sum().item()
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
