"""Hands the optimizer a closure that computes the loss."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    loss_sum, right, count = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        seen = {}

        def closure():
            optimizer.zero_grad()
            seen["logits"] = model(x)
            loss = loss_fn(seen["logits"], y)
            loss.backward()
            return loss

        loss_sum += optimizer.step(closure).item() * len(x)
        right += (seen["logits"].argmax(1) == y).sum().item()
        count += len(x)
    return loss_sum / count, right / count
