"""Asks for the gradients with torch.autograd.grad and puts them into place itself."""

import torch


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    parameters = [p for p in model.parameters() if p.requires_grad]
    total_loss = num_correct = num_images = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
            p.grad = g
        optimizer.step()
        total_loss += loss.item() * y.shape[0]
        num_correct += torch.sum(torch.argmax(logits, dim=-1) == y).item()
        num_images += y.shape[0]
    return total_loss / num_images, num_correct / num_images
