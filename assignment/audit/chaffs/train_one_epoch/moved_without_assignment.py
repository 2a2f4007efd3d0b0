"""Calls to(device) and drops what comes back."""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        x.to(device)
        y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += int((logits.argmax(dim=1) == y).sum())
        seen += len(y)
    return total / seen, right / seen
