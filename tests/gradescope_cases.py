"""What students hand in on Gradescope, what each case should score there, and the documented results.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from handed_in import book
from pydantic import BaseModel, ConfigDict, ValidationError

Files = Mapping[str, bytes]
Make = Callable[[Files, Files], dict[str, bytes]]
WITHOUT_TRAINING = 73.0
Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
Format = Literal["text", "html", "simple_format", "md", "ansi"]


# ---- the documented form -----------------------------------------------------------------------------


class _Documented(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Row(_Documented):
    """A test case in Gradescope's documentation (gradescope-autograders.readthedocs.io/en/latest/specs/)."""

    score: float | None = None
    max_score: float | None = None
    status: Literal["passed", "failed"] | None = None
    name: str = ""
    name_format: Format = "text"
    number: str = ""
    output: str = ""
    output_format: Format = "text"
    tags: list[str] = []
    visibility: Visibility = "visible"
    extra_data: dict[str, Any] = {}


class Leader(_Documented):
    """A column of the leaderboard."""

    name: str
    value: float | str
    order: Literal["asc", "desc"] = "desc"


class Documented(_Documented):
    """The whole file."""

    score: float | None = None
    execution_time: float | None = None
    output: str = ""
    output_format: Format = "text"
    test_output_format: Format = "text"
    test_name_format: Format = "text"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "hidden"
    extra_data: dict[str, Any] = {}
    tests: list[Row] = []
    leaderboard: list[Leader] = []


def slips(text: str) -> list[str]:
    """In what a results.json departs from the documented form, or shows a student too much."""
    try:
        found = Documented.model_validate_json(text)
    except ValidationError as error:
        return [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    lacking = [row.name for row in found.tests if row.score is None]
    wrong = [] if found.score is not None or not lacking else [f"no score in all, none for {lacking[:3]}"]
    if found.stdout_visibility != "hidden":
        wrong.append("students would see the staff's table")
    if len(text) > 2**20:
        wrong.append(f"it has {len(text)} bytes")
    return wrong


# ---- cases -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One hand-in: its files from those of the reference and of the stubs, and the score that is right.

    `score` None stands for any from 0 to full marks, exclusive. `metadata` is submission_metadata.json.
    """

    name: str
    make: Make
    score: float | None
    metadata: str | None = "{}"
    training: bool = False
    says: str = ""
    environ: dict[str, str] = field(default_factory=dict)

    def failures(self, text: str) -> list[str]:
        """What is wrong with the results.json that came of it."""
        wrong = slips(text)
        if wrong:
            return wrong
        score = json.loads(text).get("score")
        if score is None:
            return ["the grader failed"]
        if self.score is None and not 0 < score < WITHOUT_TRAINING:
            wrong.append(f"it scores {score}")
        elif self.score is not None and score != self.score:
            wrong.append(f"it scores {score}, not {self.score}")
        if self.says not in text:
            wrong.append(f"it does not say {self.says!r}")
        return wrong


def _before(module: str, text: str) -> Make:
    """The reference with a line before everything else in one module."""
    return lambda right, stub: {**right, module: text.encode() + b"\n" + right[module]}


def _everywhere(text: str) -> Make:
    return lambda right, stub: {name: text.encode() for name in _modules(right)}


def _modules(files: Files) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name.endswith(".py")}


def _half(right: Files, stub: Files) -> dict[str, bytes]:
    return {**right, "model.py": stub["model.py"], "gradient.py": stub["gradient.py"]}


def _metadata(**changes: Any) -> str:
    users = [{"name": "A B", "email": "a@example.org", "id": 1}]
    usual = {"id": 1, "created_at": "2026-11-26T12:00:00.000000-08:00", "users": users, "assignment": {}}
    return json.dumps({**usual, "submission_method": "upload", "previous_submissions": [], **changes})


def cases() -> Iterator[Case]:
    """All of them."""
    right, stub = (lambda right, stub: dict(right)), (lambda right, stub: dict(stub))
    full = WITHOUT_TRAINING
    yield Case("perfect", right, full + 10, training=True)
    yield Case("stub", stub, 0.0, says="not implemented")
    yield Case("half", _half, None)
    yield Case("loops", _everywhere("while True: pass\n"), 0.0, says="timeout")
    yield Case("sleeping imports", _everywhere("import time\ntime.sleep(1e6)\n"), 0.0, says="timeout")
    yield Case("os._exit", _everywhere("import os\nos._exit(0)\n"), 0.0, says="crashed")
    yield Case("memory", _everywhere("kept = bytearray(1 << 36)\n"), 0.0, says="memory")
    yield Case("syntax error", _before("training.py", "def (:"), None, says="SyntaxError")
    broken: Make = lambda right, stub: {**right, "convolution.py": b"\xff\xfe\x00" * 9}  # noqa: E731
    yield Case("not text", broken, None)
    yield Case("only a notebook", lambda right, stub: {"lab06.ipynb": book()}, 0.0)
    two: Make = lambda right, stub: {**right, "lab06.ipynb": book(), "lab06 (1).ipynb": book()}  # noqa: E731
    yield Case("two notebooks", two, full)
    deeper: Make = lambda right, stub: {f"lab6/{name}": text for name, text in right.items()}  # noqa: E731
    yield Case("nested", deeper, full)
    twice: Make = lambda right, stub: {**deeper(right, stub), **right}  # noqa: E731
    yield Case("twice", twice, full, says="Not read")
    yield Case("nothing", lambda right, stub: {}, 0.0)
    late = _metadata(assignment={"due_date": "2026-11-01T12:00:00.000000-08:00"})
    yield Case("late", right, full, metadata=late)
    users = [{"name": name, "email": f"{name}@example.org", "id": n} for n, name in enumerate("abc")]
    yield Case("group", right, full, metadata=_metadata(users=users))
    earlier = [{"submission_time": "2026-11-01T12:00:00-08:00", "score": 1.0, "results": {}}]
    yield Case("handed in before", right, full, metadata=_metadata(previous_submissions=earlier))
    yield Case("no metadata", right, full, metadata=None)
    yield Case("empty metadata", right, full, metadata="")
