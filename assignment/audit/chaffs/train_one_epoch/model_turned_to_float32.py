"""Turns the model and the images to float32 for speed."""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.float()
    total, right, count = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device).float(), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += int((logits.argmax(1) == y).sum())
        count += len(y)
    return total / count, right / count
