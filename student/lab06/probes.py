"""Probes of this lab: they run beside student code and return plain values. They know no answer.

Networks, losses and optimizers that a question is judged with arrive as descriptions (lists of layers, names
with options).
"""

from __future__ import annotations

import contextlib
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
    instance,
    laid_out,
    laid_out_pair,
    observe,
    observe_after,
    plain,
    probe,
    restore,
    returned,
    students_function,
)
from autograder.simulated_device import Mismatch, Simulation, for_want_of_a_gpu, simulated
from autograder.watching import BACKWARD

if TYPE_CHECKING:
    from autograder.modules import Modules

WATCHED = {
    "convolution": (
        *(
            "aten::*conv?d*",
            "aten::*convolution*",
            "aten::conv_*",
            "aten::*conv_transpose*",
            "mkldnn*::*conv*",
        ),
        *("quantized::*conv*", "onednn::*conv*", "numpy:convolve", "numpy:correlate"),
        *("scipy:convolve", "scipy:convolve1d", "scipy:convolve2d", "scipy:fftconvolve", "scipy:oaconvolve"),
        *("scipy:correlate", "scipy:correlate1d", "scipy:correlate2d"),
    ),
    "windows": (
        *("aten::unfold", "aten::unfold_*", "aten::im2col", "aten::col2im", "aten::as_strided*"),
        *("numpy:sliding_window_view", "numpy:as_strided"),
    ),
    "transform": (
        *("aten::_fft_?2?", "aten::stft", "numpy:fft", "numpy:ifft", "numpy:rfft", "numpy:irfft"),
        *(
            "numpy:fftn",
            "numpy:fft2",
            "numpy:rfftn",
            "numpy:rfft2",
            "scipy:fft2",
            "scipy:rfft2",
            "scipy:fftn",
        ),
    ),
    "autograd": (BACKWARD, "torch:_make_dual", "torch:backward", "torch:_engine_run_backward"),
}
"""Operations that convolve, cut an image into windows, transform, differentiate: as a watch names them."""


def _student(modules: Modules, name: str, function: str, own: bool) -> tuple[ModuleType, Callable[..., Any]]:
    return students_function(modules, name, function, own=own)


def _observe(
    function: Callable[..., Any], names: Iterable[str], values: list[Any], by_name: bool
) -> dict[str, Any]:
    return observe(function, names, values, by_name=by_name, watched=WATCHED)


def _making(
    one: Tensor, other: Tensor, layout: str, before: Iterable[Any] = (), after: Iterable[Any] = ()
) -> Callable[[bool], list[Any]]:
    """Makes the arguments of a call, or others: 1 less each number, which keeps equal ones equal."""

    def values(others: bool) -> list[Any]:
        pair = (1 - one, 1 - other) if others else (one, other)
        return [*before, *laid_out_pair(*pair, layout), *after]

    return values


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
    history: str = "",
    own: bool = False,
) -> dict[str, Any]:
    """Run `compute_convolution_at_position` for one 1-based position."""
    _, function = _student(modules, "convolution", "compute_convolution_at_position", own)
    if history:
        making = _making(img, kernel, layout, before=(i, j))
        return observe_after(function, ("i", "j", "img", "kernel"), making, by_name=by_name, history=history)
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
    history: str = "",
    own: bool = False,
) -> dict[str, Any]:
    """Run `apply_convolution` on one image and kernel."""
    _, function = _student(modules, "convolution", "apply_convolution", own)
    if history:
        making = _making(img, kernel, layout)
        return observe_after(function, ("img", "kernel"), making, by_name=by_name, history=history)
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
    history: str = "",
    own: bool = False,
) -> dict[str, Any]:
    """Run `conv_gradient_wrt_input` on one output gradient and kernel."""
    _, function = _student(modules, "gradient", "conv_gradient_wrt_input", own)
    if history:
        making = _making(dloss_dy, kernel, layout)
        return observe_after(function, ("dloss_dy", "kernel"), making, by_name=by_name, history=history)
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
    history: str = "",
    own: bool = False,
) -> dict[str, Any]:
    """Run `gradient_ascent`; `steps` and `step_size` of None leave the student's own defaults."""
    _, function = _student(modules, "gradient", "gradient_ascent", own)
    names = ("img", "kernel", "steps", "step_size")
    given = [] if steps is None or step_size is None else [steps, step_size]
    if history:
        making = _making(img, kernel, layout, after=given)
        return observe_after(function, names, making, by_name=by_name, history=history)
    return _observe(function, names, [laid_out(img, layout), laid_out(kernel, layout), *given], by_name)


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


_LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "squared error": _one_hot_error,
    "margin": F.multi_margin_loss,
}


def _loss(description: str) -> Callable[[Tensor, Tensor], Tensor]:
    """A loss by its name, or as two of torch's functions: `outer of inner`, the inner one over classes."""
    if description in _LOSSES:
        return _LOSSES[description]
    outer, inner = (getattr(F, name) for name in description.split(" of "))
    return lambda logits, labels: outer(inner(logits, 1), labels)


def network(layers: Iterable[Iterable[Any]]) -> nn.Sequential:
    """A network from its description, e.g. `[["conv", 1, 4, 3], ["flatten"], ["linear", 16, 3]]`."""
    return nn.Sequential(*(_LAYERS[kind](*sizes) for kind, *sizes in layers))


def _set_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put weights into a model, by name; by their order where it has other names."""
    parameters = dict(model.named_parameters())
    if parameters.keys() != weights.keys() and len(parameters) == len(weights):
        weights = dict(zip(parameters, weights.values(), strict=True))
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.data = weights[name].clone().to(parameter.device)


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Every parameter by its name, as plain copies."""
    return {name: plain(parameter) for name, parameter in model.named_parameters()}


def _optimizer(model: nn.Module, description: Mapping[str, Any]) -> torch.optim.Optimizer:
    """The optimizer described; with `groups`, the first parameter is a group of its own."""
    options = dict(description)
    kind: type[Any] = getattr(torch.optim, options.pop("name"))
    first, *others = model.parameters()
    groups = [{"params": [first]}, {"params": others}] if options.pop("groups", False) else [first, *others]
    made: torch.optim.Optimizer = kind(groups, **options)
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
    return instance(_student(modules, "model", "build_model", own)[1](), "build_model")


@probe("build_model", random=True)
def describe_model(
    modules: Modules, *, images: Tensor, twice: bool = False, own: bool = False
) -> dict[str, Any]:
    """Build the model, run it once; report its parameters' names and shapes and what the output was.

    With `twice`, also report which parameters get a gradient, and which it shares with a second one.
    """
    model = _built(modules, own)
    if not isinstance(model, nn.Module):
        nothing: dict[str, Any] = {"output": returned(None), "layout": [], "trainable": [], "shared": []}
        return {"model": type(model).__name__, **nothing}
    output = model(images)
    layout = [{"name": name, "shape": list(p.shape)} for name, p in model.named_parameters()]
    trainable = _parameters_with_gradient(model, output) if twice and isinstance(output, Tensor) else []
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
    modules: Modules,
    *,
    weights: list[dict[str, Tensor]],
    images: list[Tensor],
    evaluating: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Build the model, and run it on each of `images` with the weights at the same place, or the only ones.

    The first run is in the mode for training; with `evaluating`, those after it are in that for evaluation.
    """
    model = _built(modules, own)
    outputs = []
    weights = weights * len(images) if len(weights) == 1 else weights
    with torch.no_grad():
        model(1 - images[0])  # lazy layers have no weights before; what is remembered of it is wrong
        for n, (values, x) in enumerate(zip(weights, images, strict=True)):
            model.train(n == 0 or not evaluating)
            if evaluating and n:
                model(1 - x)  # what is remembered of it is wrong, too
            _set_weights(model, values)
            outputs.append(returned(model(x)))
    return {"outputs": outputs}


@probe("build_model", random=True)
def initial_weights(modules: Modules, *, images: Tensor, own: bool = False) -> dict[str, Any]:
    """The weights that a new model begins with, and their names."""
    model = _built(modules, own)
    with torch.no_grad():
        model(images)  # lazy layers have no weights before
    weights = weights_of(model)
    return {"names": list(weights), "weights": list(weights.values())}


class _Scaled(nn.Module):
    """A small network with parameters of its own, one of them frozen, and a buffer beside its layers."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.rand(2) + 1)
        self.shift = nn.Parameter(torch.rand(2), requires_grad=False)
        self.register_buffer("centre", torch.rand(3))
        self.layers = network([["linear", 3, 4], ["relu"], ["linear", 4, 2]])

    def forward(self, x: Tensor) -> Tensor:
        centred = x - self.get_buffer("centre")
        scaled: Tensor = self.scale * self.layers(centred) + self.shift
        return scaled


@probe("move_to_device")
def move(
    modules: Modules, *, device: str, as_text: bool = False, double: bool = False, own: bool = False
) -> dict[str, Any]:
    """Move a small network to the simulated GPU or from it to the CPU, after another one; report on it.

    `moved`: every parameter and buffer is on the device; `kept`: they have their names, dtypes and values;
    `trainable`: those that could be trained still can; `same`: the network still computes what it did.
    """
    _, function = _student(modules, "training", "move_to_device", own)
    first, model = _Scaled(), _Scaled()
    if double:
        first, model = first.double(), model.double()
    x = torch.rand(5, 3, dtype=model.scale.dtype)
    expected = model(x).detach()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    wanted = {name: p.requires_grad for name, p in model.named_parameters()}
    there = torch.device(device).type == "cpu"  # it begins on the other device, so that there is a way to go
    with simulated() as simulation:
        simulation.here(x)
        for one in (first, model):
            simulation.put([*one.parameters(), *one.buffers()], there)
            moved = function(one, device if as_text else torch.device(device))
        return _after_the_move(simulation, moved, torch.device(device), before, wanted, x, expected)


def _after_the_move(
    simulation: Simulation,
    moved: Any,
    device: torch.device,
    before: dict[str, Tensor],
    wanted: dict[str, bool],
    x: Tensor,
    expected: Tensor,
) -> dict[str, Any]:
    """What became of a network that was moved.

    Args:
        simulation: knows where each tensor is.
        moved: what came back.
        device: where it should be.
        before: parameters and buffers before the move.
        wanted: which parameters record gradients.
        x: an input, on the CPU.
        expected: the output for it before the move.
    """
    if not isinstance(moved, nn.Module):
        return {
            "kind": type(moved).__name__,
            "moved": False,
            "kept": False,
            "trainable": False,
            "same": False,
        }
    parameters, after = dict(moved.named_parameters()), dict(moved.state_dict())
    elsewhere = device.type != "cuda"
    there = all(simulation.is_there(tensor) is not elsewhere for tensor in after.values())
    kept = after.keys() == before.keys() and all(
        tensor.dtype == after[name].dtype and torch.equal(tensor.cpu(), after[name].detach().cpu())
        for name, tensor in before.items()
    )
    told = {"kind": "Module", "moved": there, "kept": kept, "trainable": False, "same": False}
    if not there or not kept:
        return told
    output = moved(x.to(device))
    same = torch.allclose(output.detach().cpu(), expected)
    trains = {name: p.is_leaf and p.requires_grad for name, p in parameters.items()} == wanted
    if trains and output.requires_grad:
        output.sum().backward()
        trains = {name: p.grad is not None for name, p in parameters.items()} == wanted
    return {**told, "trainable": trains and output.requires_grad, "same": same}


@probe("make_loss")
def loss_of(
    modules: Modules,
    *,
    logits: Tensor,
    labels: Tensor,
    layout: str = "contiguous",
    history: str = "first",
    own: bool = False,
) -> dict[str, Any]:
    """The student's loss of one batch, and its gradient by the logits (empty where there is none).

    It is asked before for other logits, each class's by 0.1 above the class's before, and with the labels
    turned round; `earlier` is what became of that loss. With the history `after an error`, a call without
    logits came first.
    """
    _, function = _student(modules, "training", "make_loss", own)
    loss_fn = instance(function(), "make_loss")
    if not callable(loss_fn):
        nothing = {"loss": returned(loss_fn), "earlier": returned(None), "gradient": torch.empty(0)}
        return {"callable": False, **nothing}
    if history == "after an error":
        with contextlib.suppress(Exception):
            loss_fn(None, labels.clone())
    rising = torch.arange(logits.shape[1], dtype=logits.dtype) / 10
    earlier = loss_fn(laid_out(logits + rising, layout), labels.flip(0))
    leaf = laid_out(logits, layout).requires_grad_()
    loss = loss_fn(leaf, labels.clone())
    gradient = torch.empty(0)
    if isinstance(loss, Tensor) and loss.requires_grad and loss.numel() == 1:
        gradient = plain(torch.autograd.grad(loss.reshape(()), leaf)[0])
    return {"callable": True, "loss": returned(loss), "earlier": returned(earlier), "gradient": gradient}


class _Holder(nn.Module):
    """A model that only holds given parameters: those with a dot in their names in a module of their own.

    `frozen` cannot be trained, and `again` is the first one under another name.
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        first: nn.Parameter | None = None
        for name, weight in weights.items():
            made = nn.Parameter(weight.clone(), requires_grad=name != "frozen")
            self._put(name, first if first is not None and name == "again" else made)
            first = made if first is None else first

    def _put(self, name: str, parameter: nn.Parameter) -> None:
        head, _, rest = name.partition(".")
        if not rest:
            self.register_parameter(head, parameter)
            return
        if head not in dict(self.named_children()):
            self.add_module(head, _Holder({}))
        inner = getattr(self, head)
        inner._put(rest, parameter)


@probe("make_optimizer")
def optimizer_steps(
    modules: Modules,
    *,
    weights: dict[str, Tensor],
    gradients: list[dict[str, Tensor]],
    repeat: int = 1,
    own: bool = False,
) -> dict[str, Any]:
    """The weights after each step of the student's optimizer on the given gradients.

    A parameter that `gradients` leave out has none. With `repeat`, the gradients come so many times, and
    `steps` has the weights after each time. An optimizer that is made for another model in between must
    change nothing.
    """
    _, function = _student(modules, "training", "make_optimizer", own)
    model = _Holder(weights)
    optimizer = instance(function(model), "make_optimizer")
    if not callable(getattr(optimizer, "step", None)) or not callable(getattr(optimizer, "zero_grad", None)):
        return {"optimizer": type(optimizer).__name__, "steps": []}
    steps: list[dict[str, Tensor]] = []
    for n in range(repeat):
        for number, gradient in enumerate(gradients):
            if n == 0 and number == 1:
                function(_Holder(weights))
            optimizer.zero_grad()
            for name, parameter in model.named_parameters():
                parameter.grad = gradient[name].clone() if name in gradient else None
            optimizer.step()
            steps += [weights_of(model)] if repeat == 1 else []
        steps += [weights_of(model)] if repeat > 1 else []
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


def _prepared(
    layers: list[Any],
    weights: dict[str, Tensor],
    *,
    stale: bool = False,
    training: bool = True,
) -> nn.Sequential:
    """A network with these weights, whose dtype its own then have.

    Args:
        layers: its description.
        weights: by name.
        stale: each parameter has a gradient of 3 already.
        training: the mode that it is in.
    """
    model = network(layers)
    _set_weights(model, weights)
    for parameter in model.parameters() if stale else ():
        parameter.grad = torch.full_like(parameter, 3.0)
    return model.train(training)


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
    own: bool = False,
    **state: bool,
) -> dict[str, Any]:
    """Run `train_one_epoch` on given pieces; report both figures of each pass, and the weights after.

    `state` is that of the model before, as `_prepared` has it.
    """
    _, function = _student(modules, "training", "train_one_epoch", own)
    model = _prepared(layers, weights, **state)
    stepper = _optimizer(model, optimizer)
    device = torch.device("cpu")
    results = []
    for _ in range(passes):
        results.append(returned(function(model, _loader(batches, loader), _loss(loss), stepper, device)))
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
    own: bool = False,
    **state: bool,
) -> dict[str, Any]:
    """Run `evaluate` on a given network and loss; report both figures and what became of the network.

    It has been run before on the same network with the weights' signs turned. `state` is that of the model
    before, as `_prepared` has it.
    """
    _, function = _student(modules, "training", "evaluate", own)
    inner = _prepared(layers, weights, **state)
    model = _Recorder(inner)
    before = global_state()
    device = torch.device("cpu")
    try:
        _turn_signs(inner)  # other weights first: what is remembered of them would be wrong
        function(model, _loader(batches, loader), _loss(loss), device)
        restore(before)
        _turn_signs(inner)
        result = returned(function(model, _loader(batches, loader), _loss(loss), device))
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


def _turn_signs(model: nn.Module) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.neg_()


@probe("train_one_epoch")
def train_elsewhere(modules: Modules, *, device: str, own: bool = False, **case: Any) -> dict[str, Any]:
    """Run `train_one_epoch` as `train` does, on the simulated GPU or on the CPU of a machine that has one.

    `device` is where the model is, and what the function is given; the batches begin on the CPU.
    """
    _, function = _student(modules, "training", "train_one_epoch", own)
    return _on_two_devices(device, function, case)


@probe("evaluate")
def evaluate_elsewhere(modules: Modules, *, device: str, own: bool = False, **case: Any) -> dict[str, Any]:
    """Run `evaluate` as the probe of that name does, on the simulated GPU or on the CPU beside it."""
    _, function = _student(modules, "training", "evaluate", own)
    return _on_two_devices(device, function, case)


def _on_two_devices(device: str, function: Callable[..., Any], case: dict[str, Any]) -> dict[str, Any]:
    """Run a loop where two devices are simulated.

    `outcome` is `mismatch` when tensors of both met, `left` when the model is elsewhere afterwards, `right`,
    `unclear` when torch found that there is no real GPU here, or `refused` when it failed for another reason.
    What fails without a simulation as well raises what it raises there: code that does nothing proves
    nothing.
    """
    before = global_state()
    # The model comes before the simulation, which notes new tensors.
    model = _prepared(case["layers"], case["weights"])
    there = device == "cuda"
    try:
        with simulated() as simulation:
            simulation.put(list(model.parameters()), there)
            _looped(device, function, case, model, simulation.here)
            stays = all(simulation.is_there(parameter) is there for parameter in model.parameters())
    except Mismatch:
        return {"outcome": "mismatch"}
    except Exception as error:
        outcome = "unclear" if for_want_of_a_gpu(error) else "refused"
        restore(before)
        _looped("cpu", function, case, _prepared(case["layers"], case["weights"]), lambda _: None)
        return {"outcome": outcome}
    finally:
        restore(before)
    return {"outcome": "right" if stays else "left"}


def _looped(
    device: str,
    function: Callable[..., Any],
    case: dict[str, Any],
    model: nn.Module,
    put: Callable[[list[Any]], object],
) -> None:
    """Call a loop twice, with batches that `put` was shown before.

    Args:
        device: what the loop is told.
        function: `train_one_epoch` or `evaluate`.
        case: batches, loss and, for training, the optimizer.
        model: the model.
        put: what is called with each loader's batches, as a list.
    """
    pieces: list[Any] = [_loss(case["loss"])]
    pieces += [_optimizer(model, case["optimizer"])] if "optimizer" in case else []
    for _ in range(2):
        loader = _loader(case["batches"], "list")
        put([*loader])
        function(model, loader, *pieces, torch.device(device))


each = each_of(
    *(convolve_at, convolve, input_gradient, ascend, move, loss_of, optimizer_steps),
    *(train, evaluate, train_elsewhere, evaluate_elsewhere),
)


class _Images(Dataset[tuple[Tensor, Tensor]]):
    """Whole batches from tensors: uint8 images (N, 28, 28) become float (B, 1, 28, 28) in [0, 1]."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images = images
        self.labels = labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Any) -> tuple[Tensor, Tensor]:
        return self.images[index].unsqueeze(1).float().div(255), self.labels[index]


ROOM = 64
"""Points whose weights are kept together."""


class _Path:
    """The weights of a model while it trains: before each batch, and at the end.

    A loop that takes all batches out of the loader before its first step is followed by its steps instead.
    """

    def __init__(self, model: nn.Module, optimizer: Any) -> None:
        self._model = model
        self._ahead = self._stepped_ahead = False
        self._begin = 0
        self._room = torch.empty(0, 0)
        self._taken = 0
        self.points: list[Tensor] = []
        self.counts: list[int] = []
        if isinstance(optimizer, torch.optim.Optimizer):
            optimizer.register_step_post_hook(lambda *_: self._stepped())

    def add(self) -> None:
        """Take in the weights as they are now, in one row."""
        row = torch.cat([plain(parameter).reshape(-1) for parameter in self._model.parameters()])
        if self._taken == len(self._room) or (row.dtype, row.shape) != (
            self._room.dtype,
            self._room[0].shape,
        ):
            # Rows of their own would lie between what training takes and gives back, and tear holes in it.
            self._room, self._taken = row.new_empty(ROOM, len(row)), 0
        self._room[self._taken] = row
        self.points.append(self._room[self._taken])
        self._taken += 1

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


_walked: list[Tensor] = []
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
        parts: in how many parts each point's weights are digested; each has weights of every layer.

    `digests` has, for each point of the path, the SHA-256 of each part of the weights, so that what is asked
    for afterwards can be no other than it was. `counts` are the points before the end of each epoch.
    """
    _walked.clear()
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
    digests = [[digest(point[n::parts]) for n in range(parts)] for point in path.points]
    return {"results": results, "counts": path.counts, "digests": digests}


def digest(part: Tensor) -> str:
    """What a child commits itself to for one part of the weights."""
    return hashlib.sha256(part.contiguous().numpy().tobytes()).hexdigest()[:32]


def walked_weights(modules: Modules, *, points: list[int]) -> dict[str, Any]:
    """All weights at some points of the last training's path, each in one row."""
    return {"points": [_walked[point] for point in points]}


def walked_part(modules: Modules, *, part: int, parts: int) -> dict[str, Any]:
    """One part of the weights at every point of the last training's path, a row for each point."""
    return {"rows": torch.stack([point[part::parts] for point in _walked])}


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
    loss_fn = _loss(loss) if loss else training.make_loss()
    stepper = _optimizer(model, optimizer) if optimizer else training.make_optimizer(model)
    return model, loss_fn, stepper
