"""Probes of this lab: they run beside student code and return plain values. They know no answer.

Networks, losses and optimizers that a question is judged with arrive as descriptions (lists of layers, names
with options).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, TensorDataset

from autograder.probing import (
    each_of,
    global_state,
    laid_out,
    observe,
    plain,
    probe,
    restore,
    returned,
    students_function,
)

if TYPE_CHECKING:
    from autograder.modules import Modules

TRACED = frozenset(
    (
        *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        *("unfold", "fold", "im2col", "col2im", "grad", "backward"),
        *("fft", "fft2", "fftn", "rfft", "rfft2", "rfftn"),
        *("fft_fft", "fft_fft2", "fft_fftn", "fft_rfft", "fft_rfft2", "fft_rfftn"),
    )
)
"""torch's own ways to convolve, transform and differentiate, as a trace names them."""


def _student(modules: Modules, name: str, function: str, own: bool) -> tuple[ModuleType, Callable[..., Any]]:
    return students_function(modules, name, function, own=own)


def _observe(
    function: Callable[..., Any], names: Iterable[str], values: list[Any], by_name: bool
) -> dict[str, Any]:
    return observe(function, names, values, by_name=by_name, watched=TRACED)


# ---- exercise 2 and 3: convolution and its gradient ------------------------------------------------


@probe("compute_convolution_at_position")
def convolve_at(
    modules: Modules,
    *,
    img: Tensor,
    kernel: Tensor,
    i: int,
    j: int,
    layout: str = "contiguous",
    by_name: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `compute_convolution_at_position` for one 1-based position."""
    _, function = _student(modules, "convolution", "compute_convolution_at_position", own)
    values = [i, j, laid_out(img, layout), laid_out(kernel, layout)]
    return _observe(function, ("i", "j", "img", "kernel"), values, by_name)


@probe("apply_convolution")
def convolve(
    modules: Modules,
    *,
    img: Tensor,
    kernel: Tensor,
    layout: str = "contiguous",
    by_name: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `apply_convolution` on one image and kernel."""
    _, function = _student(modules, "convolution", "apply_convolution", own)
    values = [laid_out(img, layout), laid_out(kernel, layout)]
    return _observe(function, ("img", "kernel"), values, by_name)


@probe("conv_gradient_wrt_input")
def input_gradient(
    modules: Modules,
    *,
    dloss_dy: Tensor,
    kernel: Tensor,
    layout: str = "contiguous",
    by_name: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `conv_gradient_wrt_input` on one output gradient and kernel."""
    _, function = _student(modules, "gradient", "conv_gradient_wrt_input", own)
    values = [laid_out(dloss_dy, layout), laid_out(kernel, layout)]
    return _observe(function, ("dloss_dy", "kernel"), values, by_name)


@probe("gradient_ascent")
def ascend(
    modules: Modules,
    *,
    img: Tensor,
    kernel: Tensor,
    steps: int | None = None,
    step_size: float | None = None,
    layout: str = "contiguous",
    by_name: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `gradient_ascent`; `steps` and `step_size` of None leave the student's own defaults."""
    _, function = _student(modules, "gradient", "gradient_ascent", own)
    values: list[Any] = [laid_out(img, layout), laid_out(kernel, layout)]
    if steps is not None and step_size is not None:
        values += [steps, step_size]
    return _observe(function, ("img", "kernel", "steps", "step_size"), values, by_name)


each = each_of(convolve_at, convolve, input_gradient)


# ---- networks, losses and optimizers from descriptions ---------------------------------------------

_LAYERS: Mapping[str, Callable[..., nn.Module]] = {
    "conv": nn.Conv2d,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "pool": nn.MaxPool2d,
    "flatten": nn.Flatten,
    "linear": nn.Linear,
}


def _one_hot_error(logits: Tensor, labels: Tensor) -> Tensor:
    return F.mse_loss(logits, F.one_hot(labels, logits.shape[1]).to(logits.dtype))


def _negative_log(logits: Tensor, labels: Tensor) -> Tensor:
    return F.nll_loss(logits.log_softmax(1), labels)


_LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "squared error": _one_hot_error,
    "margin": F.multi_margin_loss,
    "log": _negative_log,
}


def network(layers: Iterable[Iterable[Any]]) -> nn.Sequential:
    """A network from its description, e.g. `[["conv", 1, 4, 3], ["flatten"], ["linear", 16, 3]]`."""
    return nn.Sequential(*(_LAYERS[kind](*sizes) for kind, *sizes in layers))


def _set_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.data = weights[name].clone().to(parameter.device)


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Every parameter by its name, as plain copies."""
    return {name: plain(parameter) for name, parameter in model.named_parameters()}


def _optimizer(model: nn.Module, description: Mapping[str, Any]) -> torch.optim.Optimizer:
    options = dict(description)
    kind: type[Any] = getattr(torch.optim, options.pop("name"))
    made: torch.optim.Optimizer = kind(model.parameters(), **options)
    return made


def _loader(batches: list[dict[str, Tensor]], kind: str) -> Iterable[Any]:
    """The batches as a `list`, a `generator` that can be read once, or a real `DataLoader`."""
    pairs = [(batch["x"].clone(), batch["y"].clone()) for batch in batches]
    if kind == "generator":
        return (pair for pair in pairs)
    if kind == "DataLoader":
        data = TensorDataset(torch.cat([x for x, _ in pairs]), torch.cat([y for _, y in pairs]))
        return DataLoader(data, batch_size=len(pairs[0][0]))
    return pairs


# ---- before any student code -----------------------------------------------------------------------


def warm_up() -> None:
    """Let oneDNN make its code for the lab's network, once for all processes that are forked from this one.

    Forward, and backward without autograd: that would start threads, and a fork must not have any.
    """
    with torch.no_grad():
        for count in (1, 3):
            x = torch.zeros(count, 1, 28, 28)
            for width in (32, 64, 64):
                layer = nn.Conv2d(x.shape[1], width, 3)
                y = layer(x)
                sides = [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [x.shape[1] > 1, True, True]
                torch.ops.aten.convolution_backward(y, x, layer.weight, [width], *sides)
                x = F.max_pool2d(F.relu(y), 2)


# ---- exercise 1: the model, its parts, its training ------------------------------------------------


def _built(modules: Modules, own: bool) -> Any:
    return _student(modules, "model", "build_model", own)[1]()


def describe_model(
    modules: Modules, *, images: Tensor, twice: bool = False, own: bool = False
) -> dict[str, Any]:
    """Build the model, run it once; report its parameters' names and shapes and what the output was.

    With `twice`, also report which parameters it shares with a second one.
    """
    model = _built(modules, own)
    if not isinstance(model, nn.Module):
        nothing: dict[str, Any] = {"output": returned(None), "layout": [], "trainable": [], "shared": []}
        return {"model": type(model).__name__, **nothing}
    output = model(images)
    layout = [{"name": name, "shape": list(p.shape)} for name, p in model.named_parameters()]
    trainable = _parameters_with_gradient(model, output) if isinstance(output, Tensor) else []
    shared = _shared(model, _built(modules, own), images) if twice else []
    told = {"output": returned(output), "layout": layout, "trainable": trainable, "shared": shared}
    return {"model": "Module", **told}


def _parameters_with_gradient(model: nn.Module, output: Tensor) -> list[str]:
    if not output.requires_grad:
        return []
    (output * torch.arange(1.0, output.numel() + 1).reshape(output.shape)).sum().backward()
    return [name for name, p in model.named_parameters() if p.grad is not None and p.requires_grad]


def _shared(model: nn.Module, other: Any, images: Tensor) -> list[str]:
    if not isinstance(other, nn.Module):
        return []
    other(images)  # lazy layers have no parameters before
    places = {p.data_ptr() for p in model.parameters()}
    return [name for name, p in other.named_parameters() if p.data_ptr() in places]


@probe("build_model")
def run_model(
    modules: Modules, *, weights: dict[str, Tensor], images: Tensor, own: bool = False
) -> dict[str, Any]:
    """Build the model, put the given weights into it, and run it on `images` in batches of 100."""
    model = _built(modules, own)
    with torch.no_grad():
        model(images[:1])
        _set_weights(model, weights)
        output = torch.cat([model(batch) for batch in images.split(100)])
    return {"output": returned(output)}


class _Scaled(nn.Module):
    """A small network with a parameter of its own beside its layers."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.layers = network([["linear", 3, 4], ["relu"], ["linear", 4, 2]])

    def forward(self, x: Tensor) -> Tensor:
        scaled: Tensor = self.scale * self.layers(x)
        return scaled


@probe("move_to_device")
def move(
    modules: Modules, *, device: str, as_text: bool = False, double: bool = False, own: bool = False
) -> dict[str, Any]:
    """Move a small network; report where its parameters are and whether they stayed what they were."""
    _, function = _student(modules, "training", "move_to_device", own)
    model = _Scaled().double() if double else _Scaled()
    before = weights_of(model)
    moved = function(model, device if as_text else torch.device(device))
    if not isinstance(moved, nn.Module):
        return {"kind": type(moved).__name__, "devices": [], "kept": False}
    after = dict(moved.named_parameters())
    devices = sorted({parameter.device.type for parameter in after.values()})
    kept = after.keys() == before.keys() and all(_kept(before[name], after[name]) for name in before)
    return {"kind": "Module", "devices": devices, "kept": kept}


def _kept(before: Tensor, after: Tensor) -> bool:
    """Whether a parameter is what it was, wherever it is; the meta device keeps no values."""
    same = before.dtype == after.dtype and before.shape == after.shape
    return same and (after.device.type == "meta" or torch.equal(before, after.detach().cpu()))


@probe("make_loss")
def loss_of(modules: Modules, *, logits: Tensor, labels: Tensor, own: bool = False) -> dict[str, Any]:
    """The student's loss of one batch, and its gradient by the logits (empty where there is none)."""
    _, function = _student(modules, "training", "make_loss", own)
    loss_fn = function()
    if not callable(loss_fn):
        return {"callable": False, "loss": returned(loss_fn), "gradient": torch.empty(0)}
    leaf = logits.clone().requires_grad_()
    loss = loss_fn(leaf, labels.clone())
    gradient = torch.empty(0)
    if isinstance(loss, Tensor) and loss.requires_grad and loss.numel() == 1:
        gradient = plain(torch.autograd.grad(loss.reshape(()), leaf)[0])
    return {"callable": True, "loss": returned(loss), "gradient": gradient}


class _Holder(nn.Module):
    """A model that only holds given parameters."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        for name, weight in weights.items():
            self.register_parameter(name, nn.Parameter(weight.clone()))


@probe("make_optimizer")
def optimizer_steps(
    modules: Modules, *, weights: dict[str, Tensor], gradients: list[dict[str, Tensor]], own: bool = False
) -> dict[str, Any]:
    """The weights after each step of the student's optimizer on the given gradients."""
    _, function = _student(modules, "training", "make_optimizer", own)
    model = _Holder(weights)
    optimizer = function(model)
    if not callable(getattr(optimizer, "step", None)) or not callable(getattr(optimizer, "zero_grad", None)):
        return {"optimizer": type(optimizer).__name__, "steps": []}
    steps = []
    for gradient in gradients:
        optimizer.zero_grad()
        for name, parameter in model.named_parameters():
            parameter.grad = gradient[name].clone()
        optimizer.step()
        steps.append(weights_of(model))
    return {"optimizer": "Optimizer", "steps": steps}


class _Recorder(nn.Module):
    """Passes through to a network and notes whether its outputs recorded gradients."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.recorded = False

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.inner(x)
        self.recorded |= output.requires_grad
        return output


def _prepared(layers: list[Any], weights: dict[str, Tensor], stale: bool) -> nn.Sequential:
    model = network(layers)
    _set_weights(model, weights)
    for parameter in model.parameters() if stale else ():
        parameter.grad = torch.full_like(parameter, 3.0)
    return model


@probe("train_one_epoch")
def train(
    modules: Modules,
    *,
    layers: list[Any],
    weights: dict[str, Tensor],
    batches: list[dict[str, Tensor]],
    loss: str,
    optimizer: dict[str, Any],
    loader: str = "list",
    passes: int = 1,
    stale: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `train_one_epoch` on given pieces; report both figures of each pass, and the weights after."""
    _, function = _student(modules, "training", "train_one_epoch", own)
    model = _prepared(layers, weights, stale)
    stepper = _optimizer(model, optimizer)
    device = torch.device("cpu")
    results = []
    for _ in range(passes):
        results.append(returned(function(model, _loader(batches, loader), _LOSSES[loss], stepper, device)))
    return {"results": results, "weights": weights_of(model)}


@probe("evaluate")
def evaluate(
    modules: Modules,
    *,
    layers: list[Any],
    weights: dict[str, Tensor],
    batches: list[dict[str, Tensor]],
    loss: str,
    loader: str = "list",
    stale: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `evaluate` on a given network and loss; report both figures and what became of the network."""
    _, function = _student(modules, "training", "evaluate", own)
    inner = _prepared(layers, weights, stale)
    model = _Recorder(inner)
    before = global_state()
    try:
        result = returned(function(model, _loader(batches, loader), _LOSSES[loss], torch.device("cpu")))
        changed = [key for key, value in global_state().items() if value != before[key]]
    finally:
        restore(before)
    gradients = [plain(p.grad) for p in inner.parameters() if p.grad is not None]
    frozen = [name for name, p in inner.named_parameters() if not p.requires_grad]
    return {
        "result": result,
        "weights": weights_of(inner),
        "gradients": gradients,
        "recorded": model.recorded,
        "frozen": frozen,
        "changed": changed,
    }


class _Images(Dataset[tuple[Tensor, Tensor]]):
    """Whole batches from tensors: uint8 images (N, 28, 28) become float (B, 1, 28, 28) in [0, 1]."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images = images
        self.labels = labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Any) -> tuple[Tensor, Tensor]:
        return self.images[index].unsqueeze(1).float().div(255), self.labels[index]


class _Path:
    """The weights of a model while it trains: before each batch, and at the end.

    A loop that takes all batches out of the loader before its first step is followed by its steps instead.
    """

    def __init__(self, model: nn.Module, optimizer: Any) -> None:
        self._model = model
        self._ahead = self._stepped_ahead = False
        self._begin = 0
        self.points: list[list[Tensor]] = []
        self.counts: list[int] = []
        if isinstance(optimizer, torch.optim.Optimizer):
            optimizer.register_step_post_hook(lambda *_: self._stepped())

    def add(self) -> None:
        """Take in the weights as they are now."""
        self.points.append([plain(parameter) for parameter in self._model.parameters()])

    def _stepped(self) -> None:
        if self._ahead:
            self._stepped_ahead = True
            self.add()

    def begin_epoch(self) -> None:
        """Begin a pass over the loader."""
        self._ahead = self._stepped_ahead = False
        self._begin = len(self.points)

    def follow(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Hand on the batches, and take in the weights before each."""
        self._ahead = False
        for batch in batches:
            self.add()
            yield batch
        self._ahead = True

    def end_epoch(self, batches: int) -> None:
        """Close a pass over so many batches; of one that took them ahead, keep the start and its steps."""
        if self._stepped_ahead:
            del self.points[self._begin + 1 : self._begin + batches]
            self.points.pop()  # the end of this pass is where the next one begins
        self.counts.append(len(self.points) - self._begin)


class _FollowedLoader(DataLoader[Any]):
    """A real loader that lets a path take in the weights before each batch."""

    path: _Path

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        yield from self.path.follow(super().__iter__())


_walked: list[list[Tensor]] = []
"""The path of the last training in this process, for `walked_weights` and `walked_part`."""


def train_model(
    modules: Modules,
    *,
    images: Tensor,
    labels: Tensor,
    orders: Tensor,
    batch_size: int,
    seed: int,
    device: str,
    weights: dict[str, Tensor],
    layers: list[Any],
    loss: str,
    optimizer: dict[str, Any],
    parts: int = 1,
) -> dict[str, Any]:
    """Train as the student would; report figures per epoch, and commit to the weights of every step.

    Args:
        modules: the student's modules.
        images: uint8 (N, 28, 28).
        labels: integers (N,).
        orders: the order of the images in each epoch, (epochs, N).
        batch_size: images per batch.
        seed: torch's seed before the model is built.
        device: where to train.
        weights: the model's initial weights by name; its own when empty.
        layers: the model's description; the student's own model when empty.
        loss: the loss by name; the student's own when empty.
        optimizer: the optimizer's description; the student's own when empty.
        parts: in how many parts each point's weights are digested.

    `digests` has, for each point of the path, the SHA-256 of each part of the weights, so that what is asked
    for afterwards can be no other than it was. `counts` are the points before the end of each epoch.
    """
    torch.manual_seed(seed)
    place = torch.device(device)
    _, one_epoch = _student(modules, "training", "train_one_epoch", True)
    model, loss_fn, stepper = _pieces(modules, weights, layers, loss, optimizer, place)
    path = _Path(model, stepper)
    data, results = _Images(images, labels), []
    for order in orders.tolist():
        loader = _FollowedLoader(data, sampler=BatchSampler(order, batch_size, False), batch_size=None)
        loader.path = path
        path.begin_epoch()
        results.append(returned(one_epoch(model, loader, loss_fn, stepper, place)))
        path.end_epoch(len(loader))
    path.add()
    _walked[:] = path.points
    digests = [[digest(part) for part in _parts(point, parts)] for point in path.points]
    return {"results": results, "counts": path.counts, "digests": digests}


def _parts(point: list[Tensor], count: int) -> list[Tensor]:
    """All weights of a point in one row, cut into so many parts."""
    return list(torch.cat([weight.reshape(-1) for weight in point]).tensor_split(count))


def digest(part: Tensor) -> str:
    """What a child commits itself to for one part of the weights."""
    return hashlib.sha256(part.contiguous().numpy().tobytes()).hexdigest()[:32]


def walked_weights(modules: Modules, *, points: list[int]) -> dict[str, Any]:
    """All weights at some points of the last training's path, each in one row."""
    return {"points": [_parts(_walked[point], 1)[0] for point in points]}


def walked_part(modules: Modules, *, part: int, parts: int) -> dict[str, Any]:
    """One part of the weights at every point of the last training's path, a row for each point."""
    return {"rows": torch.stack([_parts(point, parts)[part] for point in _walked])}


def _pieces(
    modules: Modules,
    weights: dict[str, Tensor],
    layers: list[Any],
    loss: str,
    optimizer: dict[str, Any],
    place: torch.device,
) -> tuple[nn.Module, Any, Any]:
    training = modules.load("training")
    model = network(layers) if layers else _built(modules, True)
    with torch.no_grad():
        model(torch.zeros(1, 1, 28, 28))
    if weights:
        _set_weights(model, weights)
    model = model.to(place)
    loss_fn = _LOSSES[loss] if loss else training.make_loss()
    stepper = _optimizer(model, optimizer) if optimizer else training.make_optimizer(model)
    return model, loss_fn, stepper
