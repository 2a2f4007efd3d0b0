"""The engine knows no lab: nothing in its files speaks of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from autograder.lab import load_lab

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "autograder"
LABS = (ROOT, ROOT / "examples" / "tinylab")


def facts() -> list[str]:
    """What gives a lab away, as patterns: ids of questions, subjects, and the names that the labs use."""
    labs = [load_lab(root) for root in LABS]
    functions = {name for lab in labs for question in lab.questions for name in question.functions}
    names = functions | {lab.name for lab in labs} | {lab.title for lab in labs}
    return [
        r"\bq\d+_\d+\b",
        r"\blab[ _-]?0?6\b",
        r"\bconv(ol\w*|\d?d)?\b",
        r"\bCNNs?\b",
        r"MNIST",
        r"sobel",
        r"\bdigits?\b",
        r"\bpixels?\b",
        r"\btest images\b",
        r"\b(two|three|four|five) modules\b",
        r"\bvectors?\b",
        *(rf"\b{re.escape(name)}\b" for name in sorted(names)),
    ]


@dataclass(frozen=True)
class Exempt:
    """A place where a lab's fact may stand, and why."""

    file: str
    text: str
    why: str


EXEMPT = (
    Exempt(
        "sandbox/selftest.py",
        "torch.nn.functional.conv2d(",
        "The sandbox tries what needs most of it: oneDNN compiles code for a convolution.",
    ),
    Exempt(
        "sandbox/selftest.py",
        "What student code does: convolve,",
        "The docstring of the same function.",
    ),
    Exempt(
        "desk/templates/desk.js",
        "/^Digit([1-9])$/",
        "The name that browsers give to a key.",
    ),
    Exempt(
        "release/new.py",
        "tinylab",
        "`convlab new` has to know the name that it replaces.",
    ),
    Exempt(
        "grade.schema.json",
        "`accuracy` is on test images.",
        "The published schema stays as it is.",
    ),
    Exempt(
        "grade.py",
        "`accuracy` is on test images.",
        "The published schema is made from this docstring.",
    ),
)


@cache
def lines() -> tuple[tuple[str, int, str], ...]:
    """File, number and text of every line of the engine."""
    return tuple(_lines())


def _lines() -> Iterator[tuple[str, int, str]]:
    for path in sorted(ENGINE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                yield path.relative_to(ENGINE).as_posix(), number, line


@pytest.mark.parametrize("fact", facts())
def test_no_fact_of_a_lab_is_in_the_engine(fact: str) -> None:
    pattern = re.compile(fact, re.IGNORECASE)
    found = [
        f"autograder/{file}:{number}: {line.strip()}"
        for file, number, line in lines()
        if pattern.search(line) and not any(one.file == file and one.text in line for one in EXEMPT)
    ]
    assert not found, "\n".join([f"{fact} is a lab's; the engine must not know it:", *found])


@pytest.mark.parametrize("one", EXEMPT, ids=lambda one: f"{one.file}: {one.text}")
def test_every_exemption_is_used_and_argued(one: Exempt) -> None:
    patterns = [re.compile(fact, re.IGNORECASE) for fact in facts()]
    used = [line for file, _, line in lines() if file == one.file and one.text in line]
    assert any(pattern.search(line) for line in used for pattern in patterns)
    assert one.why


def test_the_patterns_find_what_they_are_for() -> None:
    said = "See q2_1 of Lab 6, lab06: conv2d on MNIST digits, a convolution by apply_convolution"
    found = [fact for fact in facts() if re.search(fact, said, re.IGNORECASE)]
    assert len(found) >= 7
    assert not [fact for fact in facts() if re.search(fact, "convlab converts, convinces", re.IGNORECASE)]
