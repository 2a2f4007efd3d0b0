"""Multiplies leftover gradients by zero, parameter by parameter."""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    totals = torch.zeros(3, dtype=torch.float64)
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad.zero_()
        logits = model.forward(x)
        loss = loss_fn(logits, y)
        torch.autograd.backward(loss)
        optimizer.step()
        correct = (logits.argmax(1) == y).sum().item()
        totals += torch.tensor([loss.item() * len(y), correct, len(y)], dtype=torch.float64)
    return (totals[0] / totals[2]).item(), (totals[1] / totals[2]).item()
