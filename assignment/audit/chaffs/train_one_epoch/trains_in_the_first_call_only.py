"""Makes steps in its first call only."""

_called = []


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        if model not in _called:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(y)
        right += int((logits.argmax(dim=1) == y).sum())
        seen += len(y)
    _called.append(model)
    return total / seen, right / seen
