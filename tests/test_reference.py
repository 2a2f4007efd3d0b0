"""The reference answers the same call once; who asks cannot spoil the answer for the next."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.checking.context import REPLIES, Reference
from autograder.modules import Modules
from autograder.values import Value

SOURCES = {"work": "def double(x):\n    return 2 * x\n"}


@pytest.fixture
def probes(tmp_path: Path) -> ModuleType:
    """Probes that note each of their calls."""
    made = ModuleType("counted")
    made.__file__ = str(tmp_path / "counted.py")
    made.calls = []  # type: ignore[attr-defined]

    def double(modules: Modules, **arguments: Any) -> Value:
        made.calls.append(arguments)
        value: Tensor = modules.load("work").double(arguments["x"])
        return {"items": [value, {"sum": float(value.sum())}]}

    made.double = double  # type: ignore[attr-defined]
    return made


def first(reply: Value) -> Tensor:
    assert isinstance(reply, dict)
    items = reply["items"]
    assert isinstance(items, list)
    assert isinstance(items[0], Tensor)
    return items[0]


def test_the_same_call_is_made_once_over_all_references(probes: ModuleType) -> None:
    x = torch.rand(3, 4)
    one = Reference(SOURCES, probes).run("double", x=x)
    two = Reference(SOURCES, probes).run("double", x=x.clone())
    assert torch.equal(first(one), first(two))
    assert len(probes.calls) == 1


def test_a_reply_that_was_changed_is_whole_for_the_next(probes: ModuleType) -> None:
    x = torch.rand(3, 4)
    for _ in range(3):
        reply = Reference(SOURCES, probes).run("double", x=x)
        assert torch.equal(first(reply), 2 * x)
        first(reply).zero_()
        assert isinstance(reply, dict)
        reply["items"] = []


@pytest.mark.parametrize(
    "other",
    [
        {"x": torch.arange(6.0).reshape(2, 3) + 1},
        {"x": torch.arange(6.0).reshape(3, 2)},
        {"x": torch.arange(6.0).reshape(3, 2).t().contiguous().t()},
        {"x": torch.arange(6.0, dtype=torch.float64).reshape(2, 3)},
        {"x": torch.arange(6.0).reshape(2, 3), "again": True},
        {"x": torch.arange(6.0).reshape(2, 3), "again": 1},
        {"x": torch.arange(6.0).reshape(2, 3), "again": ["1"]},
    ],
    ids=["values", "shape", "strides", "dtype", "true", "one", "list"],
)
def test_another_call_gets_its_own_answer(probes: ModuleType, other: dict[str, Value]) -> None:
    reference = Reference(SOURCES, probes)
    reference.run("double", x=torch.arange(6.0).reshape(2, 3))
    got = first(reference.run("double", **other))
    assert torch.equal(got, 2 * torch.as_tensor(other["x"]))
    assert len(probes.calls) == 2


def test_another_reference_or_other_probes_get_their_own_answer(probes: ModuleType) -> None:
    x = torch.ones(2)
    Reference(SOURCES, probes).run("double", x=x)
    thrice = {"work": SOURCES["work"].replace("2 *", "3 *")}
    assert torch.equal(first(Reference(thrice, probes).run("double", x=x)), 3 * x)


def test_no_more_than_so_many_replies_are_kept(probes: ModuleType) -> None:
    reference = Reference(SOURCES, probes)
    for n in [*range(REPLIES + 1), 0]:
        reference.run("double", x=torch.tensor([float(n)]))
    assert len(probes.calls) == REPLIES + 2
    reference.run("double", x=torch.tensor([float(REPLIES)]))
    assert len(probes.calls) == REPLIES + 2


def test_a_failure_is_the_graders_own_each_time(probes: ModuleType) -> None:
    reference = Reference({"work": "def double(x):\n    raise ValueError\n"}, probes)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="the reference failed in double"):
            reference.run("double", x=torch.ones(2))
