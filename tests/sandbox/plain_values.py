"""All plain values that may travel between grader and child."""

from __future__ import annotations

import math
from typing import Any

import torch
from hypothesis import strategies as st

from autograder.sandbox import wire

DTYPES = sorted(wire._DTYPES.values(), key=str)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    data = draw(
        st.binary(min_size=math.prod(shape) * dtype.itemsize, max_size=math.prod(shape) * dtype.itemsize)
    )
    if dtype is torch.bool:
        data = bytes(byte & 1 for byte in data)
    flat = torch.frombuffer(bytearray(data), dtype=dtype) if data else torch.empty(0, dtype=dtype)
    return flat.reshape(shape)


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS | tensors(),
    lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        same_kind = type(b) is torch.Tensor and (a.dtype, a.shape) == (b.dtype, b.shape)
        return same_kind and bytes(wire._bytes_of(a)) == bytes(wire._bytes_of(b)) if a.numel() else same_kind
    if isinstance(a, dict):
        return type(b) is dict and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return type(b) is list and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return type(b) is float and (math.isnan(b) if math.isnan(a) else a.hex() == b.hex())
    return type(a) is type(b) and bool(a == b)
