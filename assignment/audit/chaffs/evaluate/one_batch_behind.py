"""Works on a batch when the next one has come; the last never is.
Misconception: last_batch_left_out
"""

import torch


def evaluate(model, loader, loss_fn, device):
    total_loss, num_correct, num_images = 0.0, 0, 0
    previous = None
    with torch.no_grad():
        for batch in loader:
            if previous is None:
                previous = batch
                continue
            x, y = previous[0].to(device), previous[1].to(device)
            previous = batch
            logits = model(x)
            loss = loss_fn(logits, y)
            total_loss += loss.item() * len(y)
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    return total_loss / num_images, num_correct / num_images
