"""Each backward pass goes through the losses of all batches so far.

Is the loss that backward is called on that of this batch only?
"""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        total_loss = total_loss + loss_fn(logits, y) * len(y)
        optimizer.zero_grad()
        total_loss.backward(retain_graph=True)
        optimizer.step()
        num_correct += (logits.argmax(1) == y).sum().item()
        num_images += len(y)
    return total_loss.item() / num_images, num_correct / num_images
