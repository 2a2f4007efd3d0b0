"""Only the first batch is used.

How far is your `return` indented, and what ends your loop?
"""

from typing import Any


def train_one_epoch(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, device: Any
) -> tuple[float, float]:
    x, y = next(iter(loader))
    x, y = x.to(device), y.to(device)
    logits = model(x)
    loss = loss_fn(logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), float((logits.argmax(1) == y).double().mean())
