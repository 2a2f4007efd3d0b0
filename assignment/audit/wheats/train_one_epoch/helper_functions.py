"""A step and a tally in functions of their own."""


def _step(model, loss_fn, optimizer, x, y):
    optimizer.zero_grad()
    logits = model(x)
    loss = loss_fn(logits, y)
    loss.backward()
    optimizer.step()
    return loss.detach(), logits.detach()


def _hits(logits, y):
    return sum(int(row.argmax()) == int(label) for row, label in zip(logits, y))


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train(True)
    tally = [0.0, 0, 0]
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss, logits = _step(model, loss_fn, optimizer, x, y)
        tally = [tally[0] + loss.item() * len(y), tally[1] + _hits(logits, y), tally[2] + len(y)]
    return tally[0] / tally[2], tally[1] / tally[2]
