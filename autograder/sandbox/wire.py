"""Frames of plain values: strict JSON for the structure, raw bytes for tensors. Nothing is unpickled.

A frame is a head (two lengths), a JSON text and the tensors' bytes one after another. In the JSON a list is
`["l", ...]`, a tensor `["t", index]`, a number that JSON cannot write `["f", "nan"]`; the rest is itself.
"""

from __future__ import annotations

import json
import math
import struct
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from autograder.values import Value

HEAD = struct.Struct(">IQ")
MAX_JSON = 2 * 2**20
MAX_DEPTH = 64
MAX_RANK = 16
MAX_TENSORS = 20_000
MAX_INT = 2**63
BUFFERS = 512
SMALL = 1 << 16
"""So many bytes of a tensor are copied, to be moved together with others'."""
_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"), check_circular=False)
_ODD_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128),
        *(torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool),
    )
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class WireError(Exception):
    """The other side sent something that is no frame of ours."""


@dataclass(frozen=True)
class Message:
    """What one frame says: its kind, the nonce of the call it belongs to, and a plain value."""

    kind: str
    nonce: str
    value: Value


# ---- writing ---------------------------------------------------------------------------------------


def encode(message: Message) -> list[bytes | memoryview]:
    """The frame's pieces, to be sent in order. TypeError or ValueError where a value is not plain."""
    tensors: list[Tensor] = []
    body = _encoded(message.value, tensors, MAX_DEPTH)
    blobs = _Blobs()
    layout = [blobs.add(tensor) for tensor in tensors]
    pieces = blobs.joined()
    head = {"kind": message.kind, "nonce": message.nonce, "tensors": layout, "value": body}
    text = _JSON.encode(head).encode()
    return [HEAD.pack(len(text), blobs.size) + text, *pieces]


def _encoded(value: object, tensors: list[Tensor], depth: int) -> Any:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str or kind is int or kind is float:
        return _encoded_scalar(value)  # type: ignore[arg-type]
    if depth == 0:
        raise ValueError(f"the value is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Tensor):
        tensors.append(value)
        return ["t", len(tensors) - 1]
    if isinstance(value, (int, float, str)):
        return _encoded_scalar(value)
    if isinstance(value, list):
        return ["l", *[_encoded(item, tensors, depth - 1) for item in value]]
    if isinstance(value, Mapping) and all(type(key) is str for key in value):
        return {key: _encoded(item, tensors, depth - 1) for key, item in value.items()}
    raise TypeError(
        f"{type(value).__name__} is not a plain value (number, text, tensor, list or dict of these)"
    )


def _encoded_scalar(value: int | float | str) -> Any:
    if isinstance(value, str):
        plain = str.__str__(value)
        return plain if plain.isascii() else plain.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        number = float.__float__(value)
        return number if math.isfinite(number) else ["f", repr(number)]
    whole = int.__int__(value)
    if not -MAX_INT <= whole < MAX_INT:
        raise ValueError("an integer beyond 64 bits")
    return whole


class _Blobs:
    """The tensors' bytes: those of small ones are copied into one piece, large ones are a piece each."""

    def __init__(self) -> None:
        self.size = 0
        self._small: list[bytes] = []
        self._pieces: list[bytes | memoryview] = []

    def add(self, tensor: Tensor) -> list[Any]:
        """Take in a tensor; its dtype and shape, as they are written down."""
        if type(tensor) is not Tensor or tensor.requires_grad:
            tensor = _dense(tensor)
        if (small := _small_bytes(tensor)) is not None:
            self._small.append(small)
            self.size += len(small)
        else:
            tensor = _dense(tensor)
            self._end_of_small()
            self._pieces.append(large := _bytes_of(tensor))
            self.size += len(large)
        return [_NAMES[tensor.dtype], list(tensor.shape)]

    def joined(self) -> list[bytes | memoryview]:
        """The pieces, in order."""
        self._end_of_small()
        return self._pieces

    def _end_of_small(self) -> None:
        if self._small:
            self._pieces.append(b"".join(self._small))
            self._small = []


def _small_bytes(tensor: Tensor) -> bytes | None:
    """The bytes of a small tensor that is nothing but an array; None of any other, which takes longer."""
    if tensor.dtype not in _NAMES or tensor.numel() * tensor.itemsize > SMALL:
        return None
    try:
        return tensor.numpy().tobytes()
    except (TypeError, RuntimeError):
        return None


def _dense(tensor: Tensor) -> Tensor:
    """A contiguous copy or view on the CPU, cut from any graph and from any subclass."""
    with torch._C.DisableTorchFunctionSubclass():
        if tensor.is_meta or tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_nested:
            raise TypeError(f"a {tensor.device.type} tensor of layout {tensor.layout}; a dense one is needed")
        if tensor.dtype not in _NAMES:
            raise TypeError(f"a tensor of type {tensor.dtype}")
        plain = torch.Tensor.detach(tensor).as_subclass(Tensor)
        return plain.resolve_conj().resolve_neg().cpu().contiguous()


def _bytes_of(tensor: Tensor) -> memoryview:
    # A single element may have any stride and still be contiguous; `view` wants 1.
    flat = torch.as_strided(tensor, (tensor.numel(),), (1,))
    return memoryview(flat.view(torch.uint8).numpy().data)


# ---- reading ---------------------------------------------------------------------------------------


def lengths(head: bytes | bytearray, max_json: int, max_bytes: int) -> tuple[int, int]:
    """The lengths of a frame's text and of its tensors' bytes, checked against the limits."""
    text, blobs = HEAD.unpack(head)
    if text > max_json:
        raise WireError(f"a reply of more than {max_json} bytes of text")
    if blobs > max_bytes:
        raise WireError(f"a reply with more than {max_bytes} bytes of tensors")
    return text, blobs


class Frame:
    """A frame whose text has been read: tells where the tensors' bytes go, then what it says.

    Small tensors' bytes are read together and then copied out, since a call for each would take longer.
    """

    def __init__(self, text: bytes | bytearray, size: int) -> None:
        fields = _fields(text)
        self.kind, self.nonce = str(fields["kind"]), str(fields["nonce"])
        self._body = fields["value"]
        self._layout = [_shape(entry) for entry in _list(fields["tensors"], MAX_TENSORS)]
        if sum([count * dtype.itemsize for dtype, _, count in self._layout]) != size:
            raise WireError("the tensors' shapes do not fit the number of bytes")
        self._tensors: list[Tensor | None] = []
        self._places: list[memoryview] = []
        small = 0
        for dtype, shape, count in self._layout:
            length = count * dtype.itemsize
            if 0 < length <= SMALL:
                self._tensors.append(None)
                small += length
                continue
            self._tensors.append(torch.empty(shape, dtype=dtype))
            if length:
                small = self._end_of_small(small)
                self._places.append(_bytes_of(self._tensors[-1]))  # type: ignore[arg-type]
        self._end_of_small(small)

    def _end_of_small(self, length: int) -> int:
        if length:
            self._places.append(memoryview(bytearray(length)))
        return 0

    @property
    def places(self) -> list[memoryview]:
        """Where the bytes of the tensors are to be written, in order."""
        return self._places

    def message(self) -> Message:
        """What the frame says, once every place is filled."""
        places, offset, made = iter(self._places), 0, list[Tensor]()
        place: memoryview = memoryview(b"")
        for (dtype, shape, count), tensor in zip(self._layout, self._tensors, strict=True):
            if tensor is None:
                if offset == len(place):
                    place, offset = next(places), 0
                end = offset + count * dtype.itemsize
                # In memory of its own: torch crashes on complex numbers that do not lie at a multiple of 16.
                own = bytearray(place[offset:end])
                if dtype is torch.bool:
                    _insist_on_truth(own)
                tensor = torch.frombuffer(own, dtype=dtype).reshape(shape)
                offset = end
            elif count:
                place, offset = memoryview(b""), 0
                whole = next(places)
                if dtype is torch.bool:
                    _insist_on_truth(whole)
            made.append(tensor)
        return Message(self.kind, self.nonce, _decoded(self._body, made, MAX_DEPTH + 4))


def _insist_on_truth(place: memoryview | bytearray) -> None:
    if bytes(place).translate(None, b"\0\1"):
        raise WireError("a bool tensor with bytes other than 0 and 1")


def _decoded(body: Any, tensors: Sequence[Tensor], depth: int) -> Value:
    kind = type(body)
    if body is None or kind is str or kind is bool:
        return body  # type: ignore[no-any-return]
    if kind is float and math.isfinite(body):
        return body  # type: ignore[no-any-return]
    if kind is int and -MAX_INT <= body < MAX_INT:
        return body  # type: ignore[no-any-return]
    if depth == 0:
        raise WireError("nested too deep")
    if kind is dict:
        return {key: _decoded(item, tensors, depth - 1) for key, item in body.items()}
    if kind is list and body:
        tag, items = body[0], body[1:]
        if tag == "l":
            return [_decoded(item, tensors, depth - 1) for item in items]
        if tag == "t" and len(items) == 1 and type(items[0]) is int and 0 <= items[0] < len(tensors):
            return tensors[items[0]]
        if tag == "f" and len(items) == 1 and isinstance(items[0], str) and items[0] in _ODD_FLOATS:
            return _ODD_FLOATS[items[0]]
    raise WireError("a number beyond 64 bits, or a list of no known kind")


def _fields(text: bytes | bytearray) -> dict[str, Any]:
    try:
        fields = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError(f"not JSON ({type(error).__name__})") from None
    if type(fields) is not dict or fields.keys() != {"kind", "nonce", "tensors", "value"}:
        raise WireError("the wrong fields")
    if type(fields["kind"]) is not str or type(fields["nonce"]) is not str:
        raise WireError("a kind or a nonce that is no text")
    if b"\\u" in text:  # UTF-8 itself has no halves of surrogate pairs, only JSON's way to write them
        _insist_on_unicode(fields, MAX_DEPTH + 4)
    return fields


def _insist_on_unicode(value: Any, depth: int) -> None:
    """WireError where there is half of a surrogate pair: such a text could not be written anywhere."""
    if depth == 0:
        raise WireError("nested too deep")
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise WireError("text that is not Unicode") from None
    for item in (
        (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        _insist_on_unicode(item, depth - 1)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key twice")
    return fields


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _list(value: Any, at_most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > at_most:
        raise WireError("not a list, or too long a one")
    return value


def _shape(entry: Any) -> tuple[torch.dtype, list[int], int]:
    """A tensor's dtype, its shape, and how many elements it has."""
    match _list(entry, 2):
        case [str(name), list(shape)] if name in _DTYPES and len(shape) <= MAX_RANK:
            count = span = 1
            for size in shape:
                if type(size) is not int or not 0 <= size < 2**40:
                    break
                count *= size
                span *= size or 1
            else:
                # Not the number of elements, which a 0 makes 0: torch computes strides from the others.
                if span < 2**48:
                    return _DTYPES[name], shape, count
    raise WireError("a tensor of unknown type or shape")


# ---- moving bytes ----------------------------------------------------------------------------------


def through(
    pieces: Iterable[bytes | bytearray | memoryview], move: Callable[[list[memoryview]], int]
) -> bool:
    """Have `move` read or write all of some buffers, as many at a time as the system takes.

    It says how many bytes it moved. Whether all were: none at all is the end of the stream. A frame that
    went one buffer at a time would wake the other side, and have it wait, once for each of them.
    """
    rest = deque(view for view in (memoryview(piece).cast("B") for piece in pieces) if view)
    while rest:
        count = move(list(islice(rest, BUFFERS)))
        if count == 0:
            return False
        while rest and count >= len(rest[0]):
            count -= len(rest.popleft())
        if count:
            rest[0] = rest[0][count:]
    return True


def receive(read_into: Callable[[list[memoryview]], int]) -> Message | None:
    """Read one frame of a trusted sender through a blocking `read_into`; None at the end of the stream."""
    head = bytearray(HEAD.size)
    if not through([head], read_into):
        return None
    text_size, size = HEAD.unpack(head)
    text = bytearray(text_size)
    if not through([text], read_into):
        return None
    frame = Frame(text, size)
    return frame.message() if through(frame.places, read_into) else None
