"""What takes in bytes that strangers chose: no bytes raise anything but what each target promises."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from replies import liar

from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.checking.context import Context
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.handin.reading import FileProblem, source_text
from autograder.lab import load_lab
from autograder.sandbox import wire
from autograder.submission import Submission, SubmissionError, open_submission
from autograder.submission.notebook import NotebookProblem, answers

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = load_lab(ROOT)
QUESTIONS = [question.id for question in ASSIGNMENT.questions if question.written]
TRAINED = 20
"""One in so many rounds tries the check that looks at trained weights: it takes a second."""


# ---- the sandbox -------------------------------------------------------------------------------------


def frame(data: bytes) -> None:
    """A reply's text, and the number of bytes of tensors that come with it."""
    size = int.from_bytes(data[:2], "big") % 100
    with contextlib.suppress(wire.WireError):
        message = wire.Frame(data[2:], size).message()
        wire.encode(message)


def stream(data: bytes) -> None:
    """A reply as it comes over the socket, head and all, read as the grader reads it."""
    source = io.BytesIO(data)
    with contextlib.suppress(wire.WireError, EOFError):
        text_size, size = wire.lengths(_exactly(source, wire.HEAD.size), wire.MAX_JSON, 1 << 20)
        reply = wire.Frame(_exactly(source, text_size), size)
        for place in reply.places:
            place[:] = _exactly(source, len(place))
        wire.encode(reply.message())


def _exactly(source: io.BytesIO, count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError
    return data


# ---- the intake --------------------------------------------------------------------------------------


def archive(data: bytes) -> None:
    """A zip."""
    with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
        path = Path(folder, "x.zip")
        path.write_bytes(data)
        _opened(path)


def folder(data: bytes) -> None:
    """A folder: names and contents by turns, between bytes of 0xff."""
    pieces = data.split(b"\xff")
    with tempfile.TemporaryDirectory(prefix="convlab-") as name:
        for file, content in zip(pieces[::2], pieces[1::2], strict=False):
            with contextlib.suppress(OSError, ValueError):
                path = Path(name, file.decode("utf-8", "surrogateescape").replace("..", "_").lstrip("/"))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        _opened(Path(name))


def _opened(path: Path) -> None:
    with contextlib.suppress(SubmissionError):
        _sound(open_submission(path, ASSIGNMENT))


def _sound(found: Submission) -> None:
    assert {*found.sources, *found.problems} <= set(ASSIGNMENT.modules)
    assert not set(found.sources) & set(found.problems)
    assert set(found.answers) <= set(QUESTIONS)
    for text in (*found.sources.values(), *found.answers.values()):
        text.encode("utf-8")
    assert not any("\0" in text for text in found.sources.values())
    assert all(text.isprintable() for text in (*found.problems.values(), *found.notes, found.id))


def module(data: bytes) -> None:
    """The bytes of a module."""
    with contextlib.suppress(FileProblem):
        source_text(data).encode("utf-8")


def notebook(data: bytes) -> None:
    """The bytes of a notebook."""
    with contextlib.suppress(NotebookProblem):
        for answer in answers(data, QUESTIONS).values():
            answer.text.encode("utf-8")


# ---- the checks --------------------------------------------------------------------------------------


def replies(data: bytes) -> None:
    """The seed of a student who changes every reply: a check passes, or finds fault with the student."""
    seed = int.from_bytes(data[:8], "big")
    honest = LocalStudent(ASSIGNMENT.reference(), ASSIGNMENT.probes)
    torch.set_num_threads(1)  # as the grader does; far faster for small tensors
    for check in catalog(ASSIGNMENT):
        if check.question != "q1_7" or not check.hidden or seed % TRAINED == 0:
            with contextlib.suppress(AssertionError, StudentFailure):
                judged(check, {"student": liar(honest, seed), "reference": honest})


def judged(check: Check, students: Mapping[str, object]) -> None:
    """Run one check with these students."""
    function = getattr(importlib.import_module(check.module), check.function)
    context = Context(ASSIGNMENT, "cpu", None, 0)
    offered: dict[str, Any] = {"context": context, "lab": ASSIGNMENT, "seed": 5, **students}
    offered |= {"rng": torch.Generator().manual_seed(5), "record_property": lambda name, value: None}
    function(**{name: offered[name] for name in inspect.signature(function).parameters})


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (frame, stream, archive, folder, module, notebook, replies)
}


# ---- where to begin ----------------------------------------------------------------------------------


def seeds(name: str) -> Iterator[bytes]:
    """Bytes that a target takes, for a fuzzer to change."""
    value = {"value": torch.arange(6.0).reshape(2, 3), "more": [1, 2.5, float("nan"), None, True, "text"]}
    pieces = [bytes(piece) for piece in wire.encode(wire.Message("value", "n", value))]  # type: ignore[arg-type]
    book = (ROOT / "student" / "lab06.ipynb").read_bytes()
    files = {f"{module}.py": f"# {module}\n".encode() for module in ASSIGNMENT.modules}
    starts = {
        "frame": [(24).to_bytes(2, "big") + pieces[0][wire.HEAD.size :]],
        "stream": [b"".join(pieces)],
        "archive": [_zipped(files), _zipped({f"lab/{n}": t for n, t in files.items()}, zipfile.ZIP_STORED)],
        "folder": [b"\xff".join(part for item in files.items() for part in (item[0].encode(), item[1]))],
        "module": [b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", b"\xef\xbb\xbfx = 1\r\ny = 2\r"],
        "notebook": [book[:2000], b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', book],
        "replies": [b"\0" * 8],
    }
    yield from starts[name]


def _zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return data.getvalue()
