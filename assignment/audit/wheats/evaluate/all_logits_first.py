"""Collects all logits, then calls the loss once: the mean over all images."""

import torch


def evaluate(model, loader, loss_fn, device):
    with torch.no_grad():
        pairs = [(model(x.to(device)), y.to(device)) for x, y in loader]
        logits = torch.cat([logits for logits, _ in pairs])
        labels = torch.cat([y for _, y in pairs])
        accuracy = (logits.argmax(1) == labels).double().mean().item()
        return loss_fn(logits, labels).item(), accuracy
