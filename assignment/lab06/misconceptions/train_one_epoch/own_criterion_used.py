"""The loss is always the cross entropy, whatever `loss_fn` is.

The loss to use is an argument. Does your loop call it?
"""

import torch.nn.functional as F


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        num_correct += (logits.argmax(dim=1) == y).sum().item()
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
