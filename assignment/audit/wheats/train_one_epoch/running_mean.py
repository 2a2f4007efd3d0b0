"""Keeps running means that each batch brings up to date."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    mean_loss, accuracy, n = 0.0, 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        scores = model(x)
        loss = loss_fn(scores, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        n += len(y)
        share = len(y) / n
        mean_loss += (loss.item() - mean_loss) * share
        accuracy += ((scores.argmax(1) == y).double().mean().item() - accuracy) * share
    return mean_loss, accuracy
