"""Compares on the CPU, where the labels are."""

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        logits = model(x.to(device))
        loss = loss_fn(logits, y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += int((logits.argmax(dim=1).cpu() == y).sum())
        seen += len(y)
    return total / seen, right / seen
