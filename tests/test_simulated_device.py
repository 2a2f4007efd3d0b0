"""The simulated GPU refuses what CUDA refuses, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from autograder.simulated_device import Mismatch, Simulation, simulated

GPU = torch.device("cuda")


def here(simulation: Simulation) -> tuple[nn.Module, Tensor, Tensor]:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    x, y = torch.rand(5, 3), torch.tensor([0, 1, 1, 0, 1])
    simulation.here([*model.parameters(), *model.buffers(), x, y])
    return model, x, y


REFUSED: list[Callable[[nn.Module, Tensor, Tensor], object]] = [
    lambda model, x, y: model(x),
    lambda model, x, y: F.cross_entropy(model(x.to(GPU)), y),
    lambda model, x, y: model(x.cuda()).argmax(1) == y,
    lambda model, x, y: x[y.to(GPU)],
    lambda model, x, y: torch.cat([x, x.to("cuda:0")]),
    lambda model, x, y: torch.stack([x.to("cuda:0").sum(), torch.tensor(2.0)]),
    lambda model, x, y: torch.zeros(1).add_(model(x.to(GPU)).sum()),
    lambda model, x, y: torch.zeros(()).add_(model(x.to(GPU)).sum().detach()),
    lambda model, x, y: x + torch.tensor(1.0, device=GPU),
    lambda model, x, y: x.to(GPU) + torch.ones(3),
    lambda model, x, y: torch.equal(x, x.to(GPU)),
    lambda model, x, y: x.mul_(x.detach().to(GPU)),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_refused_as_by_cuda(number: int) -> None:
    with simulated() as simulation:
        model, x, y = here(simulation)
        model.to(GPU)
        with pytest.raises(Mismatch, match="Expected all tensors to be on the same device"):
            REFUSED[number](model, x, y)


ACCEPTED: list[Callable[[nn.Module, Tensor, Tensor], object]] = [
    lambda model, x, y: F.cross_entropy(model(x.to(GPU)), y.to(GPU, non_blocking=True)).item(),
    lambda model, x, y: model(x.cuda()).argmax(1).cpu() == y,
    lambda model, x, y: x.to(GPU)[y],
    lambda model, x, y: x.to(GPU) + torch.tensor(1.0),
    lambda model, x, y: torch.ones(3, device="cuda") * x.to(device=GPU, dtype=torch.float64),
    lambda model, x, y: torch.zeros_like(x.to(GPU)) + x.to(next(model.parameters()).device),
    lambda model, x, y: model(x.to(GPU)).detach().cpu().numpy(),
    lambda model, x, y: model(x.to(GPU)).tolist(),
    lambda model, x, y: float(model(x.to(GPU)).sum()),
    lambda model, x, y: torch.zeros(5, 2).copy_(model(x.to(GPU)).detach()),
    lambda model, x, y: torch.tensor([loss.item() for loss in model(x.to(GPU)).sum(1)]),
    lambda model, x, y: model.load_state_dict({k: v.cpu() for k, v in model.state_dict().items()}),
    lambda model, x, y: model(x.to(torch.empty(0, device=GPU))),
    lambda model, x, y: model.cpu()(x),
    lambda model, x, y: nn.Parameter(x.to(GPU)) * x.to(GPU),
]


@pytest.mark.parametrize("number", range(len(ACCEPTED)))
def test_accepted_as_by_cuda(number: int) -> None:
    with simulated() as simulation:
        model, x, y = here(simulation)
        model.to(GPU)
        ACCEPTED[number](model, x, y)


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta"])
def test_optimizers_step_there(name: str) -> None:
    with simulated() as simulation:
        model, x, y = here(simulation)
        model.to(GPU)
        optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.1)
        before = model[0].weight.detach().clone()  # type: ignore[index]
        for images, labels in DataLoader(TensorDataset(x, y), batch_size=3):
            optimizer.zero_grad()
            F.cross_entropy(model(images.to(GPU)), labels.to(GPU)).backward()
            optimizer.step()
        assert all(simulation.is_there(parameter) for parameter in model.parameters())
        assert all(parameter.grad is not None and parameter.grad.is_cuda for parameter in model.parameters())
        assert not torch.equal(before, model[0].weight)  # type: ignore[index]


@pytest.mark.parametrize("name", ["RMSprop", "Adam"])
def test_optimizers_step_there_in_a_build_for_cuda_without_a_gpu(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch.accelerator", reason="torch before 2.6")

    def no_driver() -> int:
        raise RuntimeError("CUDA driver version is insufficient for CUDA runtime version")

    monkeypatch.setattr(torch._C, "_accelerator_getAccelerator", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch._C, "_accelerator_getDeviceIndex", no_driver)
    test_optimizers_step_there(name)


def test_of_an_accelerator_it_says_the_same_as_of_cuda() -> None:
    accelerator = pytest.importorskip("torch.accelerator", reason="torch before 2.6")
    before = accelerator.is_available()
    with simulated():
        assert accelerator.is_available()
        assert accelerator.current_accelerator().type == "cuda"
        assert not accelerator.current_stream().is_capturing()
    assert accelerator.is_available() == before


def test_what_a_tensor_says_of_its_place() -> None:
    with simulated() as simulation:
        _, x, _ = here(simulation)
        moved = x.to("cuda")
        assert torch.cuda.is_available()
        assert (str(x.device), str(moved.device), str(moved[1:].t().device)) == ("cpu", "cuda:0", "cuda:0")
        assert (moved.is_cuda, moved.get_device(), x.is_cuda) == (True, 0, False)
        assert moved.to(GPU) is moved
        with pytest.raises(TypeError, match="can't convert cuda:0 device type tensor to numpy"):
            moved.numpy()
    assert x.device == moved.device == torch.device("cpu")
