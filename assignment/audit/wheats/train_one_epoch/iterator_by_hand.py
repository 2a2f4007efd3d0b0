"""Asks an iterator for batches until it has no more."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    batches = iter(loader)
    loss_sum, hits, n = 0.0, 0.0, 0
    while True:
        try:
            x, y = next(batches)
        except StopIteration:
            break
        x, y = x.to(device), y.to(device)
        for parameter in model.parameters():
            parameter.grad = None
        logits = model(x)
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        hits += (logits.topk(1, dim=1).indices.squeeze(1) == y).sum().item()
        n += len(y)
    return loss_sum / n, hits / n
