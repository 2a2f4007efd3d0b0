"""Loss and accuracy are those of the last batch only.

Which of your variables keep a total over all batches, and which start again with each?
"""

from typing import Any


def train_one_epoch(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, device: Any
) -> tuple[float, float]:
    mean_loss, accuracy = 0.0, 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean_loss = loss.item()
        accuracy = float((logits.argmax(1) == y).double().mean())
    return mean_loss, accuracy
