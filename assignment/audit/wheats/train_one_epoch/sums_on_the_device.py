"""Adds up in float64 tensors, without a number until the end."""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total_loss = torch.zeros((), dtype=torch.float64, device=device)
    num_correct = torch.zeros((), dtype=torch.int64, device=device)
    num_images = 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        optimizer.zero_grad()
        logits = model(x)
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        total_loss += loss.detach().double() * y.numel()
        num_correct += torch.eq(logits.detach().argmax(1), y).sum()
        num_images += y.numel()
    return total_loss / num_images, num_correct.double() / num_images
