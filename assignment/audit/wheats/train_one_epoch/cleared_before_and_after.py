"""Clears the gradients once before the loop and after every step."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    optimizer.zero_grad(set_to_none=True)
    losses, accuracies, sizes = [], [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        prediction = model(x)
        loss = loss_fn(prediction, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        accuracies.append((prediction.argmax(1) == y).double().mean().item())
        sizes.append(len(y))
    n = sum(sizes)
    return (
        sum(value * size for value, size in zip(losses, sizes)) / n,
        sum(value * size for value, size in zip(accuracies, sizes)) / n,
    )
