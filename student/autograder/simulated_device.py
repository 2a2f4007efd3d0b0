"""A second device where there is only one: a mode of torch that knows which tensors are "there".

`with simulated():` every tensor is *here* (the CPU), *there* (a pretended GPU) or unknown. Transfers move it,
and an operation on tensors of both raises what CUDA raises, a `Mismatch`. All of it is computed on the CPU.
Where a tensor is, is a matter of its storage, as on a real machine: views, `detach`, `.data` and a new
`nn.Parameter` around it are where it is. What the mode has not seen being made is unknown and agrees with
both, so that only what certainly fails on a GPU fails here.

What passes though CUDA would refuse: tensors that C++ code makes (until they are asked for as a `.grad`),
`out=`, random generators. What is refused though CUDA can do it: nothing known. Calls that need a real
GPU, such as `torch.cuda.synchronize()`, fail as they do on any machine without one: that is no `Mismatch`.
"""

from __future__ import annotations

import dis
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

THERE = torch.device("cuda", 0)
"""What a tensor on the simulated device says of itself."""

_NUMBERS = frozenset(
    (
        *("item", "tolist", "__float__", "__int__", "__bool__", "__index__", "__complex__"),
        *("__format__", "__repr__"),
    )
)
"""What copies to Python by itself, wherever the tensor is."""
_JOINING = frozenset(
    (
        *("block_diag", "cat", "column_stack", "concat", "concatenate", "dstack", "hstack", "row_stack"),
        *("stack", "vstack"),
    )
)
"""Functions that put tensors together, all of which have to be on one device."""
_ANYWHERE = frozenset(
    (
        *("copy_", "backward", "__deepcopy__", "__reduce_ex__", "__hash__", "set_", "is_set_to"),
        *("is_same_size", "result_type", "_has_compatible_shallow_copy_type"),
    )
)
"""What takes tensors of both devices, since it copies or looks at shapes and dtypes only."""
_MAKERS = frozenset(("tensor", "as_tensor", "asarray", "from_numpy"))
"""What makes a tensor of values, which it copies from wherever they are."""
_INDEXING = frozenset(("__getitem__", "__setitem__", "index_put_", "index_put"))
"""What takes its indices from the CPU too, where the tensor itself is there."""
_PLACE = "_simulated_place"
"""The attribute of tensors without elements, which have no storage."""


_ANSWERS: Mapping[str, Callable[..., object]] = {
    "is_available": lambda: True,
    "is_initialized": lambda: True,
    "device_count": lambda: 1,
    "current_device": lambda: 0,
    "get_device_name": lambda device=None: "a simulated GPU",
    "get_device_capability": lambda device=None: (9, 0),
    "is_bf16_supported": lambda *args, **kwargs: True,
    "init": lambda: None,
    "synchronize": lambda device=None: None,
    "set_device": lambda device: None,
    "empty_cache": lambda: None,
    "memory_allocated": lambda device=None: 0,
    "max_memory_allocated": lambda device=None: 0,
    "reset_peak_memory_stats": lambda device=None: None,
    "is_current_stream_capturing": lambda: False,
}
"""What torch.cuda is asked for beside the work on tensors, and what it says meanwhile."""


class _Stream:
    """What stands for the stream of a GPU's work, which is none here."""

    def is_capturing(self) -> bool:
        """No CUDA graph is being made."""
        return False

    def synchronize(self) -> None:
        """All is done already."""


_OF_ANY_ACCELERATOR: Mapping[str, Callable[..., object]] = {
    "is_available": lambda: True,
    "device_count": lambda: 1,
    "current_accelerator": lambda check_available=False: torch.device(THERE.type),
    "current_device_index": lambda: 0,
    "current_device_idx": lambda: 0,
    "current_stream": lambda device=None: _Stream(),
    "set_device_index": lambda device: None,
    "set_device_idx": lambda device: None,
    "synchronize": lambda device=None: None,
}
"""The same for torch.accelerator, where torch has it: its own optimizers ask for the stream in each step."""


_ACCELERATOR: ModuleType | None = getattr(torch, "accelerator", None)


class Mismatch(RuntimeError):
    """Tensors of both devices met; the text is CUDA's."""


@contextmanager
def simulated() -> Iterator[Simulation]:
    """Pretend that there is a GPU, while this lasts."""
    simulation = Simulation()
    with _answering(torch.cuda, _ANSWERS), _answering(_ACCELERATOR, _OF_ANY_ACCELERATOR), simulation:
        yield simulation


@contextmanager
def _answering(module: ModuleType | None, answers: Mapping[str, Callable[..., object]]) -> Iterator[None]:
    """Let those functions that a module has answer like this, while this lasts."""
    names = vars(module) if module is not None else {}
    usual = {name: names[name] for name in answers if name in names}
    names.update({name: answers[name] for name in usual})
    try:
        yield
    finally:
        names.update(usual)


_GPU = re.compile(r"cuda|nvidia|gpu|accelerator", re.IGNORECASE)
_RAISES = dis.opmap["RAISE_VARARGS"]


def for_want_of_a_gpu(error: BaseException) -> bool:
    """Whether an exception says that there is no real GPU here, and was not raised by the student's own code.

    A `raise` or `assert` of a submission's module (a file without a folder) may say anything.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not _GPU.search(str(error)):
        return False
    code = trace.tb_frame.f_code
    own = "/" not in code.co_filename and "\\" not in code.co_filename
    return not own or code.co_code[trace.tb_lasti] != _RAISES


class Simulation(TorchFunctionMode):
    """The mode itself, and where every storage is that it knows."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[int, tuple[bool, Any]] = {}

    # ---- where things are --------------------------------------------------------------------------

    def is_there(self, tensor: Tensor) -> bool | None:
        """Whether a tensor is on the simulated device; None where that is not known."""
        with torch._C.DisableTorchFunction():
            if not _has_storage(tensor):
                found: bool | None = vars(tensor).get(_PLACE)
                return found
            place = self._places.get(tensor.untyped_storage().data_ptr())
        return place[0] if place else None

    def put(self, value: Any, there: bool | None) -> Any:
        """Note where all new tensors in `value` are; those that are known already stay there."""
        if there is None:
            return value
        for tensor in _tensors(value):
            with torch._C.DisableTorchFunction():
                if _has_storage(tensor):
                    storage = tensor.untyped_storage()
                    # The storage is kept alive: another one at its address would be taken for it.
                    self._places.setdefault(storage.data_ptr(), (there, storage))
                else:
                    vars(tensor).setdefault(_PLACE, there)
        return value

    def here(self, value: Any) -> Any:
        """The same tensors, noted as being on the CPU."""
        return self.put(value, False)

    # ---- calls -------------------------------------------------------------------------------------

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Make one call of torch, with tensors where they are."""
        name, kwargs = getattr(func, "__name__", ""), dict(kwargs or {})
        first = args[0] if args and isinstance(args[0], Tensor) else None
        if name in ("__get__", "__set__") and first is not None:
            return self._property(func, name, first, args)
        if first is not None and name in _TRANSFERS:
            return _TRANSFERS[name](self, func, first, args[1:], kwargs)
        if name == "_parse_to":  # what `nn.Module.to` reads its arguments with
            device, *others = func(*args, **kwargs)
            return THERE if first is not None and self.is_there(first) else device, *others
        device, kwargs = _without_device(kwargs)
        if name in _MAKERS:
            return self._made(func, args, kwargs, device)
        tensors = [*_tensors((args, kwargs))]
        there = self._common(name, tensors) if name not in _NUMBERS | _ANYWHERE else None
        result = func(*args, **kwargs)
        if name in _ANYWHERE and first is not None:
            there = self.is_there(first)
        return self.put(result, there if device is None else _is_gpu(device))

    def _common(self, name: str, tensors: list[Tensor]) -> bool | None:
        """Where tensors that meet are, and so what comes of them. Mismatch when CUDA would refuse them."""
        if name in _INDEXING and self.is_there(tensors[0]):
            return True
        places = [self.is_there(tensor) for tensor in tensors]
        # Of a tensor without dimensions on the CPU, CUDA takes the number, unless the result goes into it
        # or is made of the tensors themselves.
        apart = [
            tensor
            for n, (tensor, place) in enumerate(zip(tensors, places, strict=True))
            if place is False and (tensor.dim() or name in _JOINING or (n == 0 and _in_place(name)))
        ]
        if True in places and apart:
            raise Mismatch(
                "Expected all tensors to be on the same device, but found at least two devices, "
                f"{THERE} and cpu! (when calling {name})"
            )
        if True in places:
            return True
        return None if None in places else False

    def _made(self, func: Any, args: Any, kwargs: dict[str, Any], device: Any) -> Any:
        """`torch.tensor(...)` and the like: on `device`, else where the data are."""
        data = args[0] if args else kwargs.get("data", kwargs.get("obj"))
        place = self.is_there(data) if isinstance(data, Tensor) else False
        target = place if device is None else _is_gpu(device)
        result = func(*args, **kwargs)
        if isinstance(data, Tensor) and target != place and result.data_ptr() == data.data_ptr():
            result = result.clone()
        return self.put(result, target)

    def _property(self, func: Any, name: str, tensor: Tensor, args: Any) -> Any:
        asked = getattr(getattr(func, "__self__", None), "__name__", "")
        there = self.is_there(tensor)
        if name == "__get__" and asked in ("device", "is_cuda", "is_cpu") and there is not None:
            device = THERE if there else torch.device("cpu")
            return {"device": device, "is_cuda": there, "is_cpu": not there}[asked]
        if name == "__set__" and asked == "grad" and isinstance(args[1], Tensor):
            self._common("grad", [tensor, args[1]])
        result = func(*args)
        return self.put(result, there) if name == "__get__" and isinstance(result, Tensor) else result

    # ---- transfers ---------------------------------------------------------------------------------

    def _transfer(self, tensor: Tensor, there: bool | None, func: Any, rest: Any, kwargs: Any) -> Any:
        """Move a tensor: one that changes its place is a new one, and autograd knows of it."""
        result = func(tensor, *rest, **kwargs) if rest or kwargs else tensor
        if there is not None and there != self.is_there(tensor) and _has_storage(tensor):
            with torch._C.DisableTorchFunction():
                if result.untyped_storage().data_ptr() == tensor.untyped_storage().data_ptr():
                    result = result.clone()
        return self.put(result, there)

    def _to(self, func: Any, tensor: Tensor, rest: Any, kwargs: dict[str, Any]) -> Any:
        there, kept = self.is_there(tensor), []
        for item in rest:
            if isinstance(item, Tensor):
                there = self.is_there(item)
                kept.append(item.dtype)
            elif isinstance(item, (str, torch.device)) or type(item) is int:
                there = _is_gpu(item)
            elif item is not None:
                kept.append(item)
        other = kwargs.pop("other", None)
        if other is not None:
            there = self.is_there(other)
            kept.append(other.dtype)
        device, kwargs = _without_device(kwargs)
        if device is not None:
            there = _is_gpu(device)
        if kept and isinstance(
            kept[0], bool
        ):  # to(device, non_blocking): without the device it means nothing
            kept = []
        return self._transfer(tensor, there, func, kept, {k: v for k, v in kwargs.items() if v is not None})

    def _cuda(self, func: Any, tensor: Tensor, rest: Any, kwargs: dict[str, Any]) -> Any:
        return self._transfer(tensor, True, func, (), {})

    def _cpu(self, func: Any, tensor: Tensor, rest: Any, kwargs: dict[str, Any]) -> Any:
        return self._transfer(tensor, False, func, (), {})

    def _pin_memory(self, func: Any, tensor: Tensor, rest: Any, kwargs: dict[str, Any]) -> Any:
        return tensor

    def _get_device(self, func: Any, tensor: Tensor, rest: Any, kwargs: dict[str, Any]) -> int:
        return 0 if self.is_there(tensor) else -1

    def _numpy(self, func: Any, tensor: Tensor, rest: Any, kwargs: dict[str, Any]) -> Any:
        if self.is_there(tensor):
            remedy = "Use Tensor.cpu() to copy the tensor to host memory first."
            raise TypeError(f"can't convert {THERE} device type tensor to numpy. {remedy}")
        return func(tensor, *rest, **kwargs)


_TRANSFERS: dict[str, Callable[[Simulation, Any, Tensor, Any, dict[str, Any]], Any]] = {
    "to": Simulation._to,
    "cuda": Simulation._cuda,
    "cpu": Simulation._cpu,
    "pin_memory": Simulation._pin_memory,
    "get_device": Simulation._get_device,
    "numpy": Simulation._numpy,
    "__array__": Simulation._numpy,
}
"""The methods that move a tensor, or say where it is."""


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in nested tuples, lists and dictionaries; torch's own way through these takes longer."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, Tensor):
                yield item
            elif item is not None:
                yield from _tensors(item)


def _has_storage(tensor: Tensor) -> bool:
    return tensor.layout is torch.strided and not tensor.is_meta and bool(tensor.numel())


def _is_gpu(device: Any) -> bool:
    """Whether a device is the simulated one. RuntimeError where it is none."""
    return type(device) is int or torch.device(device).type == "cuda"


def _without_device(kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What a call's `device` is, and the other arguments: all tensors are made on the CPU."""
    device = kwargs.pop("device", None)
    if device is None or type(device) is int or torch.device(device).type in ("cuda", "cpu"):
        return device, kwargs
    return None, {**kwargs, "device": device}


def _in_place(name: str) -> bool:
    """Whether a call of this name writes into its first tensor."""
    inside = name.startswith("__i") and name not in ("__index__", "__int__", "__invert__")
    return inside or (name.endswith("_") and not name.endswith("__"))
