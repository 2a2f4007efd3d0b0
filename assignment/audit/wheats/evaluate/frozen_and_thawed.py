"""Freezes the parameters for the time being and thaws those that were not frozen."""


def evaluate(model, loader, loss_fn, device):
    thawed = [p for p in model.parameters() if p.requires_grad]
    for p in thawed:
        p.requires_grad_(False)
    try:
        loss, hits, n = 0.0, 0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss += loss_fn(logits, y).item() * len(y)
            hits += (logits.argmax(1) == y).sum().item()
            n += len(y)
    finally:
        for p in thawed:
            p.requires_grad_(True)
    return loss / n, hits / n
