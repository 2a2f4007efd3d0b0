"""Clears the gradients through the model, to zeros."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, hits, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        model.zero_grad(set_to_none=False)
        logits = model(x)
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        total += float(loss) * len(x)
        hits += int(logits.max(dim=1).indices.eq(y).sum())
        n += len(x)
    return total / n, hits / n
