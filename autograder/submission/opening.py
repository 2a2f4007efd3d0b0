"""A path to a Submission."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from autograder.lab import Lab
from autograder.submission.choosing import chosen, holds_module, is_notebook, meant, some
from autograder.submission.notebook import NotebookProblem, answers
from autograder.submission.source import DEEP, Entry, FileProblem, SubmissionError, entries
from autograder.submission.text import source_text
from autograder.text import printable

MAX_MODULE = 256 << 10
MAX_NOTEBOOK = 16 << 20


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    `sources` and `problems` are by module name: the text, or why it cannot be read. `answers` are by
    written question's id. `notes` are sentences worth telling. `digest` is over modules and notebook.
    """

    id: str
    sources: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""


def open_submission(path: Path, lab: Lab) -> Submission:
    """Read a folder or zip. SubmissionError when it cannot be read at all, or holds nothing to grade."""
    with entries(path) as found, ExitStack() as stack:
        files = deep_enough(found, lambda: stack.enter_context(entries(path, DEEP)), lab)
        return read_entries(path, files, submission_id(path), lab)


def deep_enough(found: list[Entry], deeper: Callable[[], list[Entry]], lab: Lab) -> list[Entry]:
    """The files of the upper folders, or all where only the `deeper` ones hold a module."""
    if holds_module(found, lab):
        return found
    try:
        more = deeper()
    except SubmissionError:  # too many files down there; what is above is read as it is
        return found
    return more if holds_module(more, lab) else found


def read_entries(path: Path, found: Sequence[Entry], name: str, lab: Lab) -> Submission:
    """Read these files of one submission; `path` is what they are called when something is wrong."""
    files, notes = chosen(path, found, lab)
    sources, problems = _modules(files, lab)
    notebook, written, more = _notebook(files, lab)
    digest = _digest(sources, problems, notebook)
    return Submission(name, sources, problems, written, (*notes, *more), digest)


def submission_id(path: Path) -> str:
    """The file's or folder's name without `.zip`, fit to name a folder. That of a link is its own."""
    name = path.resolve().name if path.name in ("", "..") else path.name
    return fit(name[:-4] if name.lower().endswith(".zip") else name)


MAX_NAME = 200
"""Bytes of a name that `fit` makes: a folder's name may have 255, and a number may be put behind it."""


def fit(name: str) -> str:
    """A name fit to name a folder."""
    plain = printable(name.encode("utf-8", "replace").decode()).replace("/", "-").strip(". ")
    short = plain.encode()[:MAX_NAME].decode("utf-8", "ignore").strip(". ")
    return short or "submission"


def distinct(wishes: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """A name for each that is wished for, with a number where it is taken."""
    names: list[str] = []
    gone = {_folded(name) for name in taken}
    last: dict[str, int] = {}
    for wanted in wishes:
        name, same = wanted, last.get(_folded(wanted), 1)
        while _folded(name) in gone:
            same += 1
            name = f"{wanted}-{same}"
        last[_folded(wanted)] = same
        gone.add(_folded(name))
        names.append(name)
    return names


def _folded(name: str) -> str:
    """The same for names that some file systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _modules(files: Sequence[Entry], lab: Lab) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of the modules, and what is wrong with those that have none."""
    by_name = {entry.name: entry for entry in files}
    similar: dict[str, str] = {}
    for entry in files:
        similar.setdefault(meant(entry.name, lab) or "", entry.name)
    sources: dict[str, str] = {}
    problems: dict[str, str] = {}
    for module in lab.modules:
        file = by_name.get(f"{module}.py")
        try:
            if file is not None:
                sources[module] = source_text(file.read(MAX_MODULE))
            elif module in similar:
                name = printable(similar[module])
                problems[module] = f"{module}.py is missing; rename {name} to {module}.py."
        except FileProblem as problem:
            separator = ", " if str(problem).startswith("line ") else ": "
            problems[module] = f"{module}.py{separator}{problem}."
    return sources, problems


def _notebook(files: Sequence[Entry], lab: Lab) -> tuple[bytes, dict[str, str], tuple[str, ...]]:
    """The notebook's bytes, its written answers, and notes."""
    written = [question.id for question in lab.questions if question.written]
    books = [entry for entry in files if is_notebook(entry.name)]
    named = [entry for entry in books if entry.name == lab.notebook] or books
    if not written or not named:
        return b"", {}, ("No notebook was handed in, so there are no written answers.",) if written else ()
    if len(named) > 1:
        names = some([printable(entry.name) for entry in named])
        note = f"Written answers were not read: of {names}, none is named {lab.notebook}."
        return b"", {}, (note,)
    name = printable(named[0].name)
    try:
        data = named[0].read(MAX_NOTEBOOK)
        found = answers(data, written)
    except (FileProblem, NotebookProblem) as problem:
        return b"", {}, (f"Written answers were not read from {name}: {problem}.",)
    missing = ", ".join(question for question in written if question not in found)
    return data, found, (f"{name} has no answer cell for {missing}.",) if missing else ()


def _digest(sources: dict[str, str], problems: dict[str, str], notebook: bytes) -> str:
    digest = hashlib.sha256(hashlib.sha256(notebook).digest())
    for kind, texts in (("source", sources), ("problem", problems)):
        for name, text in sorted(texts.items()):
            digest.update(hashlib.sha256(f"{kind}\0{name}\0{text}".encode("utf-8", "replace")).digest())
    return digest.hexdigest()
