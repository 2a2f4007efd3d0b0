"""Functions that the sandbox's tests call inside a child. Imported by the zygote, from this folder."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, nn

from autograder.modules import Modules


def echo(modules: Modules, *, value: Any) -> Any:
    return value


def go(modules: Modules, **places: Any) -> Any:
    """Run the student's `work.go` with the places that an attack aims at."""
    return modules.load("work").go(**places)


def double(modules: Modules, *, x: Tensor) -> Tensor:
    doubled: Tensor = modules.load("work").double(x)
    return doubled


def where(modules: Modules) -> list[int]:
    return [os.getpid(), os.getuid()]


def train(modules: Modules, *, double: bool) -> list[float]:
    """A few steps of a small CNN on a real loader; the losses."""
    torch.manual_seed(0)
    dtype = torch.float64 if double else torch.float32
    layers = [nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 36, 10)]
    model = nn.Sequential(*layers).to(dtype)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5)
    data = torch.utils.data.TensorDataset(torch.rand(64, 1, 14, 14, dtype=dtype), torch.arange(64) % 10)
    losses = []
    for x, y in torch.utils.data.DataLoader(data, batch_size=16):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def mathematics(modules: Modules) -> dict[str, Any]:
    """What else student code may call: FFT, linear algebra, NumPy, functional transforms."""
    x = torch.arange(16, dtype=torch.float64).reshape(4, 4) + torch.eye(4, dtype=torch.float64) * 30
    return {
        "fft": torch.fft.ifft2(torch.fft.fft2(x)).real,
        "solve": torch.linalg.solve(x, x),
        "numpy": torch.from_numpy(x.numpy() @ x.numpy()),
        "vmap": torch.func.vmap(lambda row: row * 2)(x),
        "unfold": nn.functional.unfold(x[None, None], (2, 2)),
    }


def late(modules: Modules) -> dict[str, Any]:
    """What torch imports a library for when it is called: derivatives of functions, checks, switches."""
    x = torch.arange(3.0, dtype=torch.float64, requires_grad=True)

    def f(t: torch.Tensor) -> torch.Tensor:
        return t.square().sum()

    torch.use_deterministic_algorithms(True)
    settings = [torch.are_deterministic_algorithms_enabled()]
    torch.use_deterministic_algorithms(False)
    return {
        "grad": torch.func.grad(f)(x).detach(),
        "jacobian": torch.func.jacrev(f)(x).detach(),
        "checkpoint": torch.utils.checkpoint.checkpoint(f, x, use_reentrant=False).detach(),
        "settings": [*settings, torch.autograd.gradcheck(f, (x,))],
    }
