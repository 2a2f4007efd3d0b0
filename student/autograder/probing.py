"""What probes are written with: they run beside student code, return plain values, and know no answer.

A probe is a function of the lab's `probes` module that takes the student's modules and plain arguments, and
returns plain values. The decorator `probe` says whose function it runs.
"""

from __future__ import annotations

import contextlib
import inspect
import operator
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any, TypeVar

import torch
from torch import Tensor

from autograder.modules import Modules
from autograder.watching import TOO_LONG, Watched, unwatched, unwatched_for, watch, watching

Probe = TypeVar("Probe", bound=Callable[..., Any])
_FUNCTION, _RANDOM = "function_under_test", "draws_at_random"


def probe(function: str, *, random: bool = False) -> Callable[[Probe], Probe]:
    """Mark a probe of the student's `function` whose outcome is the same each time.

    Known mistakes in that function are then looked for where a check fails. Of a `random` probe only the
    shapes of what it returns are the same each time, not the numbers.
    """

    def mark(made: Probe) -> Probe:
        setattr(made, _FUNCTION, function)
        setattr(made, _RANDOM, random)
        return made

    return mark


def function_of(probes: ModuleType, name: str) -> str:
    """The student's function that a probe was marked with, or ""."""
    return str(getattr(getattr(probes, name, None), _FUNCTION, ""))


def draws(probes: ModuleType, name: str) -> bool:
    """Whether a probe was marked as random."""
    return bool(getattr(getattr(probes, name, None), _RANDOM, False))


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
        called = [seen for reply in replies if (seen := reply.pop("called", None)) is not None]
        return {"replies": replies, "called": [each for seen in called for each in seen] if called else None}

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


def instance(value: Any, function: str) -> Any:
    """What a student's function made. TypeError where it is a class, as in `return nn.CrossEntropyLoss`."""
    if isinstance(value, type):
        raise TypeError(f"{function} returned a class; create one with ()")
    return value


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
    """The same values of a 2-D tensor, laid out in memory in another way.

    `contiguous`, `transposed`, `strided`, `offset` (part of a larger one), or `expanded` from its first row.
    """
    if layout == "transposed":
        return tensor.t().contiguous().t()
    if layout == "strided":
        rows, columns = tensor.shape
        wide = torch.full((2 * rows, 3 * columns), float("nan"), dtype=tensor.dtype)
        wide[::2, ::3] = tensor
        return wide[::2, ::3]
    if layout == "offset":
        wide = torch.full((tensor.shape[0] + 2, tensor.shape[1] + 3), float("nan"), dtype=tensor.dtype)
        wide[1:-1, 2:-1] = tensor
        return wide[1:-1, 2:-1]
    if layout == "expanded":
        return tensor[:1].clone().expand_as(tensor)
    return tensor.clone()


def laid_out_pair(one: Tensor, other: Tensor, layout: str) -> list[Tensor]:
    """Two tensors laid out like that; with `shared` both begin at the same place of the same memory.

    Where one is `expanded`, the other is contiguous. The elements of `shared` ones must be the same as far as
    both go.
    """
    if layout == "expanded":
        return [laid_out(one, layout), other.clone()]
    if layout != "shared":
        return [laid_out(one, layout), laid_out(other, layout)]
    flat = max(one, other, key=Tensor.numel).reshape(-1).clone()
    return [flat[: tensor.numel()].view(tensor.shape) for tensor in (one, other)]


# ---- calls that are watched --------------------------------------------------------------------------


def unseen(function: Callable[..., Any]) -> Callable[..., Any]:
    """A stand-in whose own operations are not watched.

    It takes plain values only: what an object of the student's own does when it is added, compared or
    indexed would run unseen, and could lead a stand-in to answer what it was not asked.
    """

    def run(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = tuple(map(_exact, args)), {name: _exact(value) for name, value in kwargs.items()}
        if not watching():
            return function(*args, **kwargs)
        with unwatched():
            return function(*args, **kwargs)

    run.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return run


_EXACT = (Tensor, torch.nn.Parameter, bool, int, float, str, type(None), torch.device)
"""The types that a stand-in takes as they are."""


def _exact(value: Any) -> Any:
    """A value of just one of these types, or a module; whole numbers of other types become plain ones."""
    if type(value) in _EXACT or isinstance(value, torch.nn.Module):
        return value
    if isinstance(value, int):
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if not isinstance(value, Tensor) and hasattr(type(value), "__index__"):
        return int.__index__(operator.index(value))
    raise TypeError(f"expected a tensor or a number, got an object of type {type(value).__name__}")


SECONDS = 1.0
"""A call that takes longer is not watched: being watched makes it several times slower."""


def observe(
    function: Callable[..., Any],
    names: Iterable[str],
    values: list[Any],
    *,
    by_name: bool,
    watched: Watched,
) -> dict[str, Any]:
    """Call twice; report what came back, what became of the arguments, and which global state changed.

    `names` are those of the parameters, `values` the arguments in their order, passed by name when `by_name`.
    `called` is what a third call ran of the `watched` operations, or why it was not watched; None where no
    such call is made. Calls by name only are watched, and only quick ones: each question makes some, and
    being watched takes time.
    """
    named = dict(zip(names, values, strict=False))
    watching = by_name and bool(watched)
    copies = {n: v.clone() if isinstance(v, Tensor) else v for n, v in named.items()} if watching else {}

    def call() -> dict[str, Any]:
        return returned(function(**named) if by_name else function(*values))

    before, started = global_state(), time.process_time()
    try:
        first = call()
        arguments = [plain(value) for value in values if isinstance(value, Tensor)]
        second = call()
        changed = [key for key, value in global_state().items() if value != before[key]]
    finally:
        restore(before)
    called = None
    if watching and time.process_time() - started >= SECONDS:
        called = unwatched_for(TOO_LONG)
    elif watching:
        try:
            called = watch(lambda: function(**copies), watched)
        finally:
            restore(before)
    return {"value": first, "again": second, "arguments": arguments, "changed": changed, "called": called}


def observe_after(
    function: Callable[..., Any],
    names: Iterable[str],
    values: Callable[[bool], list[Any]],
    *,
    by_name: bool,
    history: str,
) -> dict[str, Any]:
    """Call once, after what `history` says; report what `observe` does, and what became of an earlier result.

    Args:
        function: the student's function.
        names: those of its parameters.
        values: makes the arguments; asked with True, others of the same shapes.
        by_name: pass them by name.
        history: `first`: nothing was called before; `again`: a call with the others, whose result is reported
            as `kept`, as it is after the call that counts; `in place`: a call with the same tensors, holding
            other numbers; `after an error`: a call without tensors.
    """
    names = list(names)

    def call(given: list[Any]) -> Any:
        return function(**dict(zip(names, given, strict=False))) if by_name else function(*given)

    before, earlier, given = global_state(), None, values(False)
    try:
        if history == "again":
            earlier = call(values(True))
        elif history == "in place":
            given = values(True)
            call(given)
            for tensor, right in zip(given, values(False), strict=True):
                if isinstance(tensor, Tensor):
                    tensor.copy_(right)
        elif history == "after an error":
            with contextlib.suppress(Exception):
                call([None if isinstance(value, Tensor) else value for value in given])
            restore(before)
        value = returned(call(given))
        arguments = [plain(tensor) for tensor in given if isinstance(tensor, Tensor)]
        changed = [key for key, now in global_state().items() if now != before[key]]
        kept = returned(earlier)
    finally:
        restore(before)
    return {"value": value, "kept": kept, "arguments": arguments, "changed": changed, "called": None}
