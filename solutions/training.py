"""Exercise 1: everything that training and evaluating a classifier takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Batches = Iterable[tuple[Tensor, Tensor]]
"""Yields (x, y): images of shape (N, 1, 28, 28), and their labels, integers of shape (N,)."""

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""Called with logits (N, 10) and labels (N,); gives the mean loss of the batch, a tensor with one element."""


def move_to_device(model: nn.Module, device: torch.device | str) -> nn.Module:
    """Move the model to `device`, all of its parameters and buffers, and return it (question q1_2).

    `device` may be given as a `torch.device` or by name. Nothing else about the model changes: names, dtypes,
    values, and which of its parameters can be trained.
    """
    #!TAG HWBEGIN
    #!MSG TODO: Push the model to the device.
    return model.to(device)
    #!TAG HWEND


def make_loss() -> LossFunction:
    """Make the cross-entropy loss (question q1_3).

    What comes back is called with raw scores (logits, no softmax) of shape (N, 10), float32 or float64, and
    labels of shape (N,), and gives the mean over the batch, a tensor with one element from which gradients
    flow back. Scores may be some hundreds apart. A later call does not change an earlier loss.
    """
    #!TAG HWBEGIN
    #!MSG TODO: Return the cross-entropy loss function.
    return nn.CrossEntropyLoss()
    #!TAG HWEND


def make_optimizer(model: nn.Module) -> Optimizer:
    """Make an RMSprop optimizer of all the model's parameters (question q1_4).

    Learning rate 1e-3, weight decay 1e-5, everything else as PyTorch has it by default.
    """
    #!TAG HWBEGIN
    #!MSG TODO: Return the RMSprop optimizer with the model's parameters.
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5)
    #!TAG HWEND


def train_one_epoch(
    model: nn.Module,
    loader: Batches,
    loss_fn: LossFunction,
    optimizer: Optimizer,
    device: torch.device | str,
) -> tuple[float, float]:
    """Train on every batch of `loader`, once and in its order (question q1_5).

    Each batch makes one step of `optimizer` along the gradient of that batch's `loss_fn` only: gradients
    left over from earlier batches, or from before the call, must not count.

    Returns the mean loss and the accuracy (the share of images classified correctly, from 0 to 1). Both are
    means over the images, not over the batches, and both come from the predictions that are made in passing,
    before the step on the same batch.

    Fine print: `loader` may be a list, a DataLoader, or a generator that can be read only once. Its last
    batch may be smaller than the others and may hold a single image. `loss_fn` may be any loss that gives
    the mean over the batch and `optimizer` any optimizer: use the ones you are given. The model is on
    `device` already and stays there, the batches come from the CPU. float64 models stay float64.
    """
    model.train()
    total_loss, num_correct, num_images = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        #!TAG HWBEGIN
        #!MSG TODO 1: Do a forward pass and compute the loss of the batch.
        #!MSG TODO 2: Backpropagate the loss and apply the gradients via the optimizer.
        #!MSG         What has to happen to the gradients of the batch before?
        #!MSG TODO 3: Update `total_loss`, `num_correct` and `num_images`.
        #!MSG         `total_loss` is the sum over all images so far, but `loss_fn` gives a mean.
        logits = model(x)
        batch_loss = loss_fn(logits, y)

        optimizer.zero_grad()
        batch_loss.backward()
        optimizer.step()

        total_loss += batch_loss.item() * len(y)
        num_correct += int((logits.argmax(dim=1) == y).sum())
        num_images += len(y)
        #!TAG HWEND
    return total_loss / num_images, num_correct / num_images


def evaluate(
    model: nn.Module,
    loader: Batches,
    loss_fn: LossFunction,
    device: torch.device | str,
) -> tuple[float, float]:
    """Measure the model on every batch of `loader`, without training it (question q1_6).

    Returns the mean loss and the accuracy (from 0 to 1), both over all images, as `train_one_epoch` does;
    `loader` may be of the same kinds as there, and its batches come from the CPU.

    Fine print: no gradients are recorded. The model's weights, the gradients stored with them, the device
    they are on and torch's settings are afterwards what they were before.
    """
    model.eval()
    total_loss, num_correct, num_images = 0.0, 0, 0
    #!TAG HWBEGIN
    #!MSG TODO 1: Go through the batches and push each to the device, as in `train_one_epoch`.
    #!MSG TODO 2: Do a forward pass and get the loss of the batch. See to it that PyTorch records
    #!MSG         no gradients meanwhile.
    #!MSG TODO 3: Update `total_loss`, `num_correct` and `num_images`.
    #!MSG     for x, y in loader:
    #!MSG         x, y = x.to(device), y.to(device)
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            total_loss += loss_fn(logits, y).item() * len(y)
            num_correct += int((logits.argmax(dim=1) == y).sum())
            num_images += len(y)
    #!TAG HWEND
    return total_loss / num_images, num_correct / num_images
