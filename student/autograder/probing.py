"""What probes are written with: they run beside student code, return plain values, and know no answer.

A probe is a function of the lab's `probes` module that takes the student's modules and plain arguments, and
returns plain values. The decorator `probe` says whose function it runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from autograder.modules import Modules

Probe = TypeVar("Probe", bound=Callable[..., Any])
_FUNCTION = "function_under_test"


def probe(function: str) -> Callable[[Probe], Probe]:
    """Mark a probe of the student's `function` whose outcome is the same each time.

    Known mistakes in that function are then looked for where a check fails.
    """

    def mark(made: Probe) -> Probe:
        setattr(made, _FUNCTION, function)
        return made

    return mark


def function_of(probes: ModuleType, name: str) -> str:
    """The student's function that a probe was marked with, or ""."""
    return str(getattr(getattr(probes, name, None), _FUNCTION, ""))


def each_of(*probes: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A probe that runs one of these for several cases: to ask for each by itself takes twice as long.

    It goes into the lab's module of probes under the name `each`.
    """
    by_name = {made.__name__: made for made in probes}

    def each(
        modules: Modules, *, probe: str, cases: list[dict[str, Any]], own: bool = False
    ) -> dict[str, Any]:
        """Run a probe for several cases."""
        replies = [by_name[probe](modules, **case, own=own) for case in cases]
        called = {name for reply in replies for name in reply.pop("called")}
        return {"replies": replies, "called": sorted(called)}

    return each


# ---- the student's function --------------------------------------------------------------------------


def students_function(
    modules: Modules, name: str, function: str, *, own: bool
) -> tuple[ModuleType, Callable[..., Any]]:
    """The student's module `name` and its `function`; unless `own`, with stand-ins for functions of before.

    AttributeError when the module defines no such function, ModuleNotFoundError when it was not handed in.
    """
    module = _loaded(modules, name, function, own=own)
    if not callable(getattr(module, function, None)):
        raise AttributeError(f"{name}.py defines no function {function}")
    return module, getattr(module, function)


def load(modules: Modules, *, name: str, function: str) -> None:
    """Load a module as a probe of `function` will find it. ModuleNotFoundError when it was not handed in."""
    _loaded(modules, name, function, own=False)


def _loaded(modules: Modules, name: str, function: str, *, own: bool) -> ModuleType:
    """The student's module; what stands in for functions of before was sent with the call, and only that."""
    replace: dict[str, Any] = {}
    for other, texts in modules.given.get(function, {}).items() if not own else ():
        made = {key: _made(key, text) for key, text in texts.items()}
        if other == name:
            replace = made
        else:
            modules.stand_in(other, made)
    return modules.load(name, replace)


@lru_cache(maxsize=64)
def _made(name: str, text: str) -> Callable[..., Any]:
    """A stand-in from its text: always the same one, so that modules with it need not be loaded again."""
    names: dict[str, Any] = {}
    exec(compile(text, f"<{name}>", "exec", dont_inherit=True), names)
    return unseen(names[name])


# ---- plain values ------------------------------------------------------------------------------------


def plain(tensor: Tensor) -> Tensor:
    """A dense, contiguous copy on the CPU, cut from any graph."""
    if tensor.is_meta or tensor.layout is not torch.strided:
        raise TypeError(f"got a {tensor.device.type} tensor of layout {tensor.layout}, expected a dense one")
    return torch.Tensor.detach(tensor).resolve_conj().resolve_neg().cpu().contiguous().clone()


def returned(value: object) -> dict[str, Any]:
    """What a function returned, in plain terms: a tensor, a number, a sequence of these, or a type's name."""
    if isinstance(value, Tensor):
        return {"kind": "tensor", "value": plain(value)}
    if isinstance(value, (bool, int, float)):
        return {"kind": "number", "value": float(value)}
    if isinstance(value, (list, tuple)) and len(value) <= 10_000:
        return {"kind": type(value).__name__, "items": [returned(item) for item in value]}
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return {"kind": "number", "value": float(value.item())}
    return {"kind": "other", "type": type(value).__name__}


def global_state() -> dict[str, object]:
    """The global settings of torch that student code might change, by what they are called."""
    return {
        "the default dtype": torch.get_default_dtype(),
        "gradient recording": torch.is_grad_enabled(),
        "the number of threads": torch.get_num_threads(),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
    }


def restore(state: Mapping[str, Any]) -> None:
    """Put back of `global_state` what later calls depend on."""
    torch.set_default_dtype(state["the default dtype"])
    torch.set_grad_enabled(state["gradient recording"])


def laid_out(tensor: Tensor, layout: str) -> Tensor:
    """The same values of a 2-D tensor with other strides: `contiguous`, `transposed` or `strided`."""
    if layout == "transposed":
        return tensor.t().contiguous().t()
    if layout == "strided":
        rows, columns = tensor.shape
        wide = torch.full((2 * rows, 3 * columns), float("nan"), dtype=tensor.dtype)
        wide[::2, ::3] = tensor
        return wide[::2, ::3]
    return tensor.clone()


# ---- calls that are watched --------------------------------------------------------------------------


class Trace(TorchFunctionMode):
    """Notes which of torch's functions with these names are called."""

    paused = False

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = names
        self.seen: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note the call, and make it."""
        name = getattr(func, "__name__", "")
        if name in self._names and not Trace.paused:
            self.seen.add(name)
        return func(*args, **(kwargs or {}))


def unseen(function: Callable[..., Any]) -> Callable[..., Any]:
    """A stand-in whose own calls no trace notes."""

    def run(*args: Any, **kwargs: Any) -> Any:
        before, Trace.paused = Trace.paused, True
        try:
            return function(*args, **kwargs)
        finally:
            Trace.paused = before

    run.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return run


def observe(
    function: Callable[..., Any],
    names: Iterable[str],
    values: list[Any],
    *,
    by_name: bool,
    watched: Collection[str],
) -> dict[str, Any]:
    """Call twice; report what came back, what became of the arguments, and which global state changed.

    `names` are those of the parameters, `values` the arguments in their order, passed by name when `by_name`.
    `called` are those of the `watched` functions of torch that the second call used. It is reported of calls
    by name only: each question makes some, and watching makes a call several times slower.
    """
    named = dict(zip(names, values, strict=False))

    def call() -> dict[str, Any]:
        return returned(function(**named) if by_name else function(*values))

    before = global_state()
    try:
        first = call()
        arguments = [plain(value) for value in values if isinstance(value, Tensor)]
        second, called = _traced(call, watched) if by_name else (call(), [])
        changed = [key for key, value in global_state().items() if value != before[key]]
    finally:
        restore(before)
    return {"value": first, "again": second, "arguments": arguments, "changed": changed, "called": called}


def _traced(call: Callable[[], dict[str, Any]], watched: Collection[str]) -> tuple[dict[str, Any], list[str]]:
    """What a call gives, and what it used; without the latter where it does not bear being watched."""
    trace = Trace(watched)
    try:
        with trace:
            return call(), sorted(trace.seen)
    except Exception:
        return call(), []
