"""Running means in which every batch has the same weight.
Misconception: both_means_over_batches
"""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    mean_loss, accuracy, k = 0.0, 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        k += 1
        mean_loss += (loss.item() - mean_loss) / k
        accuracy += ((logits.argmax(1) == y).double().mean().item() - accuracy) / k
    return mean_loss, accuracy
