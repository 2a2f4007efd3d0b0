"""Running means that each batch brings up to date, on an iterator."""

import torch


def evaluate(model, loader, loss_fn, device):
    mean_loss = accuracy = 0.0
    n = 0
    batches = iter(loader)
    with torch.inference_mode():
        while (batch := next(batches, None)) is not None:
            x, y = (part.to(device) for part in batch)
            logits = model(x)
            n += len(y)
            mean_loss += (loss_fn(logits, y).item() - mean_loss) * len(y) / n
            accuracy += ((logits.argmax(1) == y).double().mean().item() - accuracy) * len(y) / n
    return mean_loss, accuracy
