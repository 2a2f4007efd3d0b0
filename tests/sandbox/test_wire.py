"""The protocol: what goes in comes out, bit for bit, and nothing malformed comes out at all."""

from __future__ import annotations

import contextlib
import json
import math
import os
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from plain_values import DTYPES, VALUES, same

from autograder.sandbox import wire


def took(places: list[memoryview], stream: bytearray, at_most: int) -> int:
    """Fill places from a stream, as a read of at most so many bytes does."""
    before = len(stream)
    for place in places:
        count = min(len(place), len(stream), at_most - (before - len(stream)))
        place[:count] = stream[:count]
        del stream[:count]
    return before - len(stream)


def there_and_back(value: Any) -> Any:
    stream = bytearray(b"".join(bytes(piece) for piece in wire.encode(wire.Message("value", "n", value))))

    message = wire.receive(lambda places: took(places, stream, 1000))
    assert message is not None
    assert not stream
    assert (message.kind, message.nonce) == ("value", "n")
    return message.value


@given(VALUES)
def test_every_plain_value_comes_back_as_it_went(value: Any) -> None:
    assert same(value, there_and_back(value))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_small_tensors_may_lie_at_any_place_of_a_reply(dtype: torch.dtype) -> None:
    for shift in range(1, 17):
        value = [torch.zeros(shift, dtype=torch.uint8), torch.zeros(3, 3, dtype=dtype)]
        assert same(value, there_and_back(value))


class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *arguments: Any, **more: Any) -> Any:
        raise AssertionError("the subclass was asked")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12.0).reshape(3, 4).T,
        torch.arange(12.0)[::3],
        torch.tensor([1.0, 2.0]).expand(3, 2),
        torch.ones(2, requires_grad=True) * 2,
        torch.tensor([1 + 2j]).conj(),
        torch.tensor(3.0),
        torch.nn.Parameter(torch.ones(2)),
        torch.arange(4.0).as_subclass(Odd),
        torch.ones(1, 1, dtype=torch.complex64).real,  # one element, stride 2
    ],
)
def test_any_dense_tensor_is_sent_as_its_numbers(tensor: torch.Tensor) -> None:
    came = there_and_back(tensor)
    plain = tensor.detach().as_subclass(torch.Tensor) if type(tensor) is not Odd else torch.arange(4.0)
    assert type(came) is torch.Tensor
    assert not came.requires_grad
    assert torch.equal(came, plain.resolve_conj())


@pytest.mark.parametrize(
    "value",
    [
        torch.empty(2, device="meta"),
        torch.eye(2).to_sparse(),
        2**63,
        object(),
        (1, 2),
        {1: 2},
        b"bytes",
        [[[object]]],
        1j,
    ],
)
def test_what_is_not_plain_is_refused_with_its_name(value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"tensor|plain value|integer"):
        wire.encode(wire.Message("value", "n", value))


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nested"):
        wire.encode(wire.Message("value", "n", endless))


def frame(**changes: Any) -> bytes:
    return json.dumps({"kind": "value", "nonce": "n", "tensors": [], "value": None, **changes}).encode()


MALFORMED = {
    "nothing": (b"", 0),
    "no JSON": (b"\x80\x04pickle", 0),
    "not UTF-8": (b'{"kind": "\xff"}', 0),
    "a list": (b"[]", 0),
    "another field": (frame(more=1), 0),
    "a field twice": (b'{"kind":"value","kind":"value","nonce":"n","tensors":[],"value":1}', 0),
    "NaN": (b'{"kind":"value","nonce":"n","tensors":[],"value":NaN}', 0),
    "infinity": (b'{"kind":"value","nonce":"n","tensors":[],"value":1e999}', 0),
    "a huge integer": (frame(value=2**63), 0),
    "an endless integer": (b'{"kind":"value","nonce":"n","tensors":[],"value":' + b"9" * 10_000 + b"}", 0),
    "an unknown list": (frame(value=["x", 1]), 0),
    "an empty list": (frame(value=[]), 0),
    "a tensor that is not there": (frame(value=["t", 0]), 0),
    "a tensor by a negative number": (frame(value=["t", -1], tensors=[["float32", []]]), 4),
    "a tensor by a truth": (frame(value=["t", True], tensors=[["uint8", []], ["uint8", []]]), 2),
    "an unknown float": (frame(value=["f", "1.0"]), 0),
    "an unknown dtype": (frame(tensors=[["object", [1]]]), 8),
    "a negative size": (frame(tensors=[["float32", [-1]]]), 0),
    "two negative sizes": (frame(tensors=[["float32", [-1, -1]]]), 4),
    "a size that is no integer": (frame(tensors=[["float32", [1.0]]]), 4),
    "a size that is true": (frame(tensors=[["float32", [True]]]), 4),
    "a product that overflows": (frame(tensors=[["float32", [2**40, 2**40]]]), 0),
    "sizes hidden behind a zero": (frame(tensors=[["float32", [2**62, 0]]]), 0),
    "fewer bytes than declared": (frame(tensors=[["float32", [4]]]), 15),
    "more bytes than declared": (frame(), 1),
    "too many dimensions": (frame(tensors=[["uint8", [1] * 40]]), 1),
    "too many tensors": (frame(tensors=[["uint8", [0]]] * 30_000), 0),
    "deep nesting": (
        b'{"kind":"value","nonce":"n","tensors":[],"value":' + b"[" * 200 + b"]" * 200 + b"}",
        0,
    ),
    "bottomless nesting": (b"[" * 1_000_000, 0),
    "strides that overflow behind a zero": (
        frame(value=["t", 0], tensors=[["float32", [0] + [2**39] * 15]]),
        0,
    ),
    "half a surrogate as nonce": (frame(nonce="\ud800"), 0),
    "half a surrogate as kind": (frame(kind="\udfff"), 0),
    "half a surrogate as text": (frame(value="a\ud800b"), 0),
    "half a surrogate as name": (frame(value={"\ud800": 1}), 0),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_frame_is_a_wire_error(name: str) -> None:
    text, size = MALFORMED[name]
    with pytest.raises(wire.WireError):
        wire.Frame(text, size).message()


def test_bytes_that_are_no_truth_values_are_refused() -> None:
    made = wire.Frame(frame(value=["t", 0], tensors=[["bool", [1]]]), 1)
    made.places[0][0] = 2
    with pytest.raises(wire.WireError, match="bool"):
        made.message()


@pytest.mark.parametrize("lengths", [(2**32 - 1, 0), (0, 2**64 - 1)])
def test_lengths_beyond_the_limits_are_refused_before_anything_is_read(lengths: tuple[int, int]) -> None:
    with pytest.raises(wire.WireError, match="more than"):
        wire.lengths(wire.HEAD.pack(*lengths), wire.MAX_JSON, 2**20)


@given(st.binary(max_size=300), st.integers(0, 64))
def test_noise_is_a_wire_error_or_a_plain_value(text: bytes, size: int) -> None:
    with contextlib.suppress(wire.WireError):
        wire.Frame(text, size).message()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["l", "t", "f", "float32"]),
    lambda v: st.lists(v, max_size=5) | st.dictionaries(st.text(), v, max_size=3),
    max_leaves=15,
)


@given(JSON, JSON, st.integers(0, 64))
def test_odd_json_is_a_wire_error_or_a_plain_value(value: Any, layout: Any, size: int) -> None:
    text = json.dumps({"kind": "value", "nonce": "n", "tensors": layout, "value": value}).encode()
    with contextlib.suppress(wire.WireError):
        wire.Frame(text, size).message()


SIZES = st.integers(0, 3) | st.sampled_from([2**31, 2**39, 2**40 - 1, 2**40, 2**62, 2**63, -1])


@given(st.sampled_from(["float32", "uint8", "complex128"]), st.lists(SIZES, max_size=18), st.integers(0, 64))
def test_any_shape_is_a_wire_error_or_a_tensor(dtype: str, shape: list[int], size: int) -> None:
    with contextlib.suppress(wire.WireError):
        wire.Frame(frame(value=["t", 0], tensors=[[dtype, shape]]), size).message()


@given(st.text(alphabet=st.characters(categories=["Cs", "L"]), max_size=5))
def test_text_that_comes_through_can_be_written_down(text: str) -> None:
    with contextlib.suppress(wire.WireError):
        made = wire.Frame(frame(nonce=text, value={text: text}), 0)
        made.nonce.encode()
        json.dumps(made.message().value, ensure_ascii=False).encode()


@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_buffers_are_moved_many_at_a_time(size: int) -> None:
    stream, calls = bytearray(range(200)), []
    places = [bytearray(n % 4) for n in range(100)]

    def move(rest: list[memoryview]) -> int:
        calls.append(len(rest))
        return took(rest, stream, size)

    assert wire.through(places, move)
    assert b"".join(places) == bytes(range(150))
    assert len(calls) == math.ceil(150 / size)


def test_buffers_beyond_the_end_of_the_stream() -> None:
    stream = bytearray(b"abc")
    assert not wire.through([bytearray(2), bytearray(2)], lambda rest: took(rest, stream, 2))
    assert wire.through([bytearray()], lambda rest: took(rest, stream, 2))


def test_more_buffers_than_the_system_takes() -> None:
    pieces = [bytes([n % 256]) for n in range(3000)]
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream:
        assert wire.through(pieces, lambda rest: os.writev(write, rest))
        os.close(write)
        assert stream.read() == b"".join(pieces)
