"""Judges plain values and words what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import torch
from torch import Tensor

from autograder.checking.diagnosis import CLASS_RETURNED, OTHER_NAMES, KnownMistake
from autograder.checking.student import Student, StudentFailure
from autograder.text import visible
from autograder.values import Value

_SHOWN = 60
_WORDS = 200


class Compared(NamedTuple):
    """Small tensors that differ: the one expected, the one that came, and where the check found it off."""

    expected: Tensor
    actual: Tensor
    off: Tensor


class Wrong(AssertionError):
    """Student code returned something other than was asked for; the text may be shown to the student.

    `mistake` is given where the judgement itself shows which known mistake it is, `compared` where small
    tensors differ. `call` is the part of the text that says what was
    called, so that a notebook can fold it.
    """

    def __init__(self, text: str, mistake: KnownMistake | None = None) -> None:
        super().__init__(text)
        self.mistake = mistake
        self.call = ""
        self.compared: Compared | None = None

    @classmethod
    def after(cls, call: str, text: str, mistake: KnownMistake | None = None) -> Self:
        """What is wrong with the outcome of a call: its text begins with the call."""
        wrong = cls(f"{call}\n{text}", mistake)
        wrong.call = call
        return wrong


class Told(Wrong):
    """A `Wrong` whose text holds nothing hidden, so that a hidden check may show it too."""


NOTHING = KnownMistake("nothing returned", "The function returns None. Is there a `return`?")
DTYPE = KnownMistake(
    "dtype lost", "The result does not have the input's dtype. Which one does a new tensor get?"
)
CHANGED = KnownMistake(
    "argument changed", "The function changed a tensor that was passed to it. Work on a copy (`clone`)."
)
SETTING = KnownMistake("global setting changed", "The call changed a global torch setting.")
NOT_REPEATABLE = KnownMistake(
    "not repeatable",
    "A second call with the same arguments gives another result. What is left over from the first?",
)
NO_TENSOR = KnownMistake(
    "no tensor returned", "The function must return a tensor. What do `item`, `tolist` and `numpy` return?"
)
DIMENSIONS = KnownMistake(
    "dimensions of length one",
    "The result has too many or too few dimensions of length one. Look at `None`, `squeeze` and `keepdim`.",
)
PRECISION = KnownMistake(
    "single precision", "The result has only float32 precision. Which dtype are the sums computed in?"
)
NO_PAIR = KnownMistake("no pair returned", "Return two values. What does your `return` give back?")
NO_LIST = KnownMistake("no list returned", "Return a list with one number for each step.")
DIRECT = (
    *(NOTHING, DTYPE, CHANGED, SETTING, NOT_REPEATABLE, NO_TENSOR, DIMENSIONS, PRECISION, NO_PAIR, NO_LIST),
    *(OTHER_NAMES, CLASS_RETURNED),
)
"""The known mistakes that a judgement names by itself."""


class Reply:
    """What a probe returned, read with care: student code can tamper with its own worker."""

    def __init__(self, value: Value) -> None:
        self._value = value

    def _field(self, key: str) -> Value:
        if not isinstance(self._value, dict) or key not in self._value:
            raise _tampered()
        return self._value[key]

    def reply(self, key: str) -> Reply:
        """A field that holds fields."""
        return Reply(self._field(key))

    def text(self, key: str) -> str:
        """A field that holds text."""
        return _words(self._field(key))

    def flag(self, key: str) -> bool:
        """A field that holds true or false."""
        value = self._field(key)
        if not isinstance(value, bool):
            raise _tampered()
        return value

    def tensor(self, key: str) -> Tensor:
        """A field that holds a tensor."""
        value = self._field(key)
        if not isinstance(value, Tensor):
            raise _tampered()
        return value

    def replies(self, key: str, count: int | None = None) -> list[Reply]:
        """A field that holds a list, of `count` items where that is known."""
        value = self._field(key)
        if not isinstance(value, list) or count not in (None, len(value)):
            raise _tampered()
        return [Reply(item) for item in value]

    def texts(self, key: str) -> list[str]:
        """A field that holds a list of texts."""
        return [_words(item._value) for item in self.replies(key)]

    def sizes(self, key: str) -> tuple[int, ...]:
        """A field that holds a tensor's shape."""
        sizes = tuple(item._value for item in self.replies(key) if isinstance(item._value, int))
        if len(sizes) != len(self.replies(key)) or not all(0 <= size < 2**31 for size in sizes):
            raise _tampered()
        return sizes

    def words(self, count: int) -> list[str]:
        """This itself as a list of `count` texts."""
        if not isinstance(self._value, list) or len(self._value) != count:
            raise _tampered()
        return [_words(item) for item in self._value]

    def tensors(self, key: str, count: int | None = None) -> list[Tensor]:
        """A field that holds a list of tensors, `count` of them where that is known."""
        items = [item._value for item in self.replies(key, count)]
        found = [item for item in items if isinstance(item, Tensor)]
        if len(found) != len(items):
            raise _tampered()
        return found

    def weights(self, key: str) -> dict[str, Tensor]:
        """A field that holds tensors by name."""
        return self.reply(key).all_tensors()

    def all_tensors(self) -> dict[str, Tensor]:
        """Every field, each a tensor of floating-point numbers."""
        if not isinstance(self._value, dict):
            raise _tampered()
        found = {name: item for name, item in self._value.items() if isinstance(item, Tensor)}
        if len(found) != len(self._value) or not all(item.is_floating_point() for item in found.values()):
            raise _tampered()
        return found

    def number(self, key: str) -> float:
        """A field that holds a number."""
        value = self._field(key)
        if not isinstance(value, (int, float)):
            raise _tampered()
        return float(value)


def _words(value: Value) -> str:
    """A text that may be shown: one line, and not a long one."""
    if not isinstance(value, str):
        raise _tampered()
    return visible(value[:_WORDS])


def _tampered() -> StudentFailure:
    return StudentFailure("crashed", "The worker that ran your code sent back something malformed.")


def ask(student: Student, probe: str, /, **arguments: Value) -> Reply:
    """Run a probe and read its reply with care."""
    return Reply(student.run(probe, **arguments))


def ask_each(student: Student, probe: str, cases: Sequence[Mapping[str, Value]]) -> Iterator[Reply]:
    """Run a probe for several cases, at once: one by one takes longer. Where one raises, each by itself."""
    try:
        replies = ask(student, "each", probe=probe, cases=[dict(case) for case in cases])
    except StudentFailure as failure:
        if failure.verdict != "error":
            raise
        yield from (ask(student, probe, **case) for case in cases)
    else:
        yield from replies.replies("replies", len(cases))


def on_its_own(student: Student, probe: str, judge: Callable[[Reply], None], /, **arguments: Value) -> None:
    """Judge with other questions' functions stood in for; when that is wrong, judge the code as handed in."""
    try:
        judge(ask(student, probe, **arguments))
    except (Wrong, StudentFailure) as first:
        if isinstance(first, StudentFailure) and first.verdict != "error":
            raise
        try:
            judge(ask(student, probe, own=True, **arguments))
        except (Wrong, StudentFailure):
            raise first from None


Case = tuple[dict[str, Value], Callable[[Reply], None]]
"""Arguments of a probe, and what judges its reply."""


def each_on_its_own(student: Student, probe: str, cases: Iterable[Case]) -> None:
    """Judge several cases of one probe that is asked once, as `on_its_own` does.

    Where one of them raises, each is asked by itself: the first that is wrong counts.
    """
    arguments, judges = zip(*cases, strict=True)

    def judge(reply: Reply) -> None:
        replies = reply.replies("replies", len(judges))
        for judge_one, one in zip(judges, replies, strict=True):
            judge_one(one)

    try:
        on_its_own(student, "each", judge, probe=probe, cases=list(arguments))
    except StudentFailure as failure:
        if failure.verdict == "error":
            for given, judge_one in zip(arguments, judges, strict=True):
                on_its_own(student, probe, judge_one, **given)
        raise


# ---- words -----------------------------------------------------------------------------------------


def size(tensor: Tensor) -> str:
    """A tensor's shape and dtype in words, e.g. `3x4 float32`."""
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    return f"{shape} {str(tensor.dtype).removeprefix('torch.')}"


def show(tensor: Tensor) -> str:
    """A tensor small enough to read, in full; of a larger one its size."""
    if max(tensor.numel(), *tensor.shape[:1]) > _SHOWN:  # also of one without elements there may be many rows
        return f"<{size(tensor)}>"
    if tensor.dim() < 2:
        return _row(tensor.reshape(-1)) if tensor.dim() else f"{tensor.item():.6g}"
    return "[" + "\n ".join(_row(row) for row in tensor) + "]"


def _row(row: Tensor) -> str:
    return "[" + ", ".join(f"{value:.6g}" for value in row.reshape(-1).tolist()) + "]"


def _kind(reply: Reply) -> str:
    kind = reply.text("kind")
    return reply.text("type") if kind == "other" else kind


def a(kind: str) -> str:
    """The kind with its article; None and its type have none."""
    if kind == "NoneType":
        return "None"
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


# ---- judgements ------------------------------------------------------------------------------------


def of_kind(kind: str, wanted: str, call: str, expected: str) -> None:
    """Wrong where what came back is of another kind than is wanted; `expected` is what students call that."""
    if kind != wanted:
        mistake = NOTHING if kind == "NoneType" else None
        raise Wrong(f"{call} returned {a(kind)}, expected {expected}.", mistake)


def tensor_like(reply: Reply, expected: Tensor, call: str) -> Tensor:
    """The tensor that came back, when its shape and dtype are those of `expected`."""
    if reply.text("kind") != "tensor":
        kind = _kind(reply)
        mistake = NOTHING if kind == "NoneType" else NO_TENSOR
        raise Wrong.after(call, f"returned {a(kind)}, expected a Tensor ({size(expected)}).", mistake)
    actual = reply.tensor("value")
    if actual.shape != expected.shape:
        text = f"returned a tensor of shape {tuple(actual.shape)}, expected {tuple(expected.shape)}."
        raise Wrong.after(
            call, text, DIMENSIONS if actual.squeeze().shape == expected.squeeze().shape else None
        )
    if actual.dtype != expected.dtype:
        text = f"returned {actual.dtype}, expected {expected.dtype}, the dtype of the input."
        raise Wrong.after(call, text, DTYPE)
    return actual


def close(actual: Tensor, expected: Tensor, bound: float, call: str) -> None:
    """Every element within `bound` of the expected one; else the first that is not, and how many."""
    apart = (actual.double() - expected.double()).abs()
    if not apart.numel() or float(apart.max()) <= bound:
        return
    off = ~(apart <= bound)
    off &= ~((actual == expected) & actual.isinf())
    if not bool(off.any()):
        return
    count, total = int(off.sum()), off.numel()
    if not off.dim():
        text = f"returned {actual.item():.6g}, expected {expected.item():.6g}."
        raise Wrong.after(call, text, _rounded(actual, expected))
    first = tuple(off.nonzero()[0].tolist())
    text = (
        f"{count} of {total} values differ, the first at [{', '.join(map(str, first))}] "
        f"(counted from 0): got {actual[first].item():.6g}, expected {expected[first].item():.6g}."
    )
    if total > _SHOWN or actual.dim() != 2:
        raise Wrong.after(call, text, _rounded(actual, expected))
    shown = f"{text}\ngot\n{show(actual)}\nexpected\n{show(expected)}"
    wrong = Wrong.after(call, shown, _rounded(actual, expected))
    wrong.compared = Compared(expected, actual, off)
    raise wrong


def _rounded(actual: Tensor, expected: Tensor) -> KnownMistake | None:
    """The mistake of sums in float32, where float64 is asked for: off by rounding only."""
    if expected.dtype is not torch.float64 or not expected.numel():
        return None
    error = float((actual - expected).abs().max())
    return PRECISION if error <= 64 * torch.finfo(torch.float32).eps * float(expected.abs().max()) else None


def well_behaved(reply: Reply, given: Sequence[Tensor], call: str) -> None:
    """Arguments left as they were, no global state changed, the same result the second time."""
    for before, now in zip(given, reply.tensors("arguments", len(given)), strict=True):
        if not same(before, now):
            raise Wrong.after(call, "changed a tensor that was passed to it.", CHANGED)
    if changed := reply.texts("changed"):
        raise Wrong.after(call, f"changed a global setting of torch: {', '.join(changed)}.", SETTING)
    if not _same(reply.reply("value"), reply.reply("again")):
        text = "gave a different result when called a second time with the same arguments."
        raise Wrong.after(call, text, NOT_REPEATABLE)


def _same(first: Reply, second: Reply) -> bool:
    if first.text("kind") != second.text("kind"):
        return False
    if first.text("kind") == "tensor":
        one, two = first.tensor("value"), second.tensor("value")
        return alike(one, two) and torch.allclose(one, two, rtol=1e-5, atol=1e-6, equal_nan=True)
    return True


def alike(one: Tensor, two: Tensor) -> bool:
    """Whether two tensors have the same shape and dtype, so that they can be compared."""
    return one.shape == two.shape and one.dtype == two.dtype


def same(one: Tensor, two: Tensor) -> bool:
    """Whether two tensors have the same shape, dtype and values."""
    return alike(one, two) and torch.equal(one, two)


def number(reply: Reply, what: str) -> float:
    """A number: a Python number or a tensor with one element."""
    kind = reply.text("kind")
    if kind == "number":
        return reply.number("value")
    if kind == "tensor" and reply.tensor("value").numel() == 1 and not reply.tensor("value").is_complex():
        return float(reply.tensor("value").item())
    if kind == "tensor":
        shape = tuple(reply.tensor("value").shape)
        told = f"is a tensor of shape {shape}, expected a number, or a tensor with one element."
        raise Wrong(f"{what} {told}")
    raise Wrong(f"{what} is {a(_kind(reply))}, expected a number.")


def numbers(reply: Reply, what: str) -> list[float]:
    """A list of numbers."""
    if reply.text("kind") not in ("list", "tuple"):
        raise Wrong(f"{what} is {a(_kind(reply))}, expected a list of numbers.", NO_LIST)
    return [number(item, f"{what}[{n}]") for n, item in enumerate(reply.replies("items"))]


def pair(reply: Reply, call: str) -> tuple[Reply, Reply]:
    """The two items of a returned pair."""
    items = reply.replies("items") if reply.text("kind") in ("tuple", "list") else []
    if len(items) != 2:
        got = f"{len(items)} values" if items else a(_kind(reply))
        mistake = NOTHING if not items and _kind(reply) == "NoneType" else NO_PAIR
        raise Wrong.after(call, f"returned {got}, expected a pair.", mistake)
    return items[0], items[1]


def near(actual: float, expected: float, relative: float, what: str) -> None:
    """A number within a relative tolerance of the expected one."""
    if not math.isclose(actual, expected, rel_tol=relative, abs_tol=relative):
        raise Wrong(f"{what} is {actual:.6g}, expected {expected:.6g}.")


def distance(actual: dict[str, Tensor], expected: dict[str, Tensor]) -> float:
    """||w - w_ref|| / ||w_ref|| over all weights; infinite when names or shapes differ."""
    if {k: v.shape for k, v in actual.items()} != {k: v.shape for k, v in expected.items()}:
        return math.inf
    difference = sum(float((actual[k].double() - v.double()).square().sum()) for k, v in expected.items())
    scale = sum(float(v.double().square().sum()) for v in expected.values())
    return math.inf if math.isnan(difference) else math.sqrt(difference / max(scale, 1e-300))
