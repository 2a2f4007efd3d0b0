"""The predictions and gradients are those of a copy that the optimizer does not know.
Misconception: weights_never_move
"""

import copy


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    twin = copy.deepcopy(model).to(device)
    total_loss, num_correct, num_images = 0.0, 0, 0
    optimizer.zero_grad()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = twin(x)
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total_loss += loss.item() * len(y)
        num_correct += (logits.argmax(dim=1) == y).sum().item()
        num_images += len(y)
    return total_loss / num_images, num_correct / num_images
