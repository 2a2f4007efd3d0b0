"""Turns recording on explicitly, returns a list of two."""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.to(device).train()
    loss_sum, acc_sum, count = 0, 0, 0
    for batch in loader:
        x, y = (part.to(device) for part in batch)
        optimizer.zero_grad()
        with torch.enable_grad():
            y_hat = model(x)
            loss = loss_fn(y_hat, y)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            count += y.size(0)
            loss_sum += loss * y.size(0)
            acc_sum += (y_hat.argmax(1) == y).sum()
    return [loss_sum.item() / count, acc_sum.item() / count]
