"""Counts the mistakes and subtracts their share from one."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    lost, wrong, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        n += len(y)
        lost += len(y) * loss.item()
        wrong += logits.argmax(1).ne(y).count_nonzero().item()
    return lost / n, 1 - wrong / n
