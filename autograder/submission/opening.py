"""A path to a Submission."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment import Assignment
from autograder.submission.notebook import NotebookProblem, answers
from autograder.submission.source import Entry, FileProblem, SubmissionError, entries
from autograder.submission.text import decoded

MAX_MODULE = 256 << 10
MAX_NOTEBOOK = 32 << 20


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    `sources` and `problems` are by module name: the text, or why it cannot be read. `answers` are by
    written question's id. `notes` are worth telling. `digest` is over modules and notebook.
    """

    id: str
    sources: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""


def open_submission(path: Path, assignment: Assignment) -> Submission:
    """Read a folder or zip. SubmissionError when it cannot be read at all."""
    with entries(path) as found:
        files, notes = _chosen(path, found, assignment)
        sources, problems = _modules(files, assignment)
        notebook, written, more = _notebook(files, assignment)
    digest = _digest(sources, problems, notebook)
    return Submission(submission_id(path), sources, problems, written, (*notes, *more), digest)


def submission_id(path: Path) -> str:
    """The file's or folder's name without `.zip`."""
    name = path.resolve().name
    return name[:-4] if name.lower().endswith(".zip") else name


def _wanted(entry: Entry, assignment: Assignment) -> bool:
    return entry.name in assignment.module_files or entry.name.endswith(".ipynb")


def _chosen(
    path: Path, found: Sequence[Entry], assignment: Assignment
) -> tuple[list[Entry], tuple[str, ...]]:
    """The files of the one folder that holds the modules, and notes about them."""
    wanted = [entry for entry in found if _wanted(entry, assignment)]
    modules = [entry for entry in wanted if entry.name in assignment.module_files] or wanted
    folders = sorted({entry.folder for entry in modules})
    if () in folders or not folders:
        folders = [()]
    if len(folders) > 1:
        names = ", ".join("/".join(folder) for folder in folders[:5])
        raise SubmissionError(f"{path}: modules in several folders ({names}); hand in one set")
    here = [entry for entry in found if entry.folder == folders[0]]
    _no_doubles(path, here, assignment)
    notes = [f"the files were found in the folder {folders[0][0]}/"] if folders[0] else []
    lower = {name.lower(): name for name in assignment.module_files}
    for entry in here:
        right = lower.get(entry.name.lower())
        if right and right != entry.name and right not in {other.name for other in here}:
            notes.append(f"{entry.name} was not read: the file must be named {right}")
    return [entry for entry in here if _wanted(entry, assignment)], tuple(notes)


def _no_doubles(path: Path, here: Sequence[Entry], assignment: Assignment) -> None:
    for name in assignment.module_files:
        same = [entry.name for entry in here if entry.name.lower() == name.lower()]
        if len(same) > 1 and name in same:
            raise SubmissionError(f"{path}: holds {' and '.join(same)}; which one counts? Hand in one {name}")


def _modules(files: Sequence[Entry], assignment: Assignment) -> tuple[dict[str, str], dict[str, str]]:
    by_name = {entry.name: entry for entry in files}
    sources: dict[str, str] = {}
    problems: dict[str, str] = {}
    for module in assignment.modules:
        entry = by_name.get(f"{module}.py")
        if entry is None:
            continue
        try:
            sources[module] = decoded(entry.read(MAX_MODULE))
        except FileProblem as problem:
            separator = ", " if str(problem).startswith("line ") else ": "
            problems[module] = f"{module}.py{separator}{problem}"
    return sources, problems


def _notebook(
    files: Sequence[Entry], assignment: Assignment
) -> tuple[bytes, dict[str, str], tuple[str, ...]]:
    """The notebook's bytes, its written answers, and notes."""
    books = [entry for entry in files if entry.name.endswith(".ipynb")]
    named = [entry for entry in books if entry.name == assignment.notebook] or books
    if len(named) != 1:
        how = "no notebook" if not named else f"{len(named)} notebooks, but none named {assignment.notebook},"
        return b"", {}, (f"handed in: {how} so there are no written answers",)
    written = [question.id for question in assignment.questions if question.written]
    try:
        data = named[0].read(MAX_NOTEBOOK)
        return data, answers(data, written), ()
    except (FileProblem, NotebookProblem) as problem:
        return b"", {}, (f"{named[0].name}: {problem}; its written answers were not read",)


def _digest(sources: dict[str, str], problems: dict[str, str], notebook: bytes) -> str:
    digest = hashlib.sha256(hashlib.sha256(notebook).digest())
    for kind, texts in (("source", sources), ("problem", problems)):
        for name, text in sorted(texts.items()):
            digest.update(hashlib.sha256(f"{kind}\0{name}\0{text}".encode("utf-8", "replace")).digest())
    return digest.hexdigest()


def find_submissions(path: Path, assignment: Assignment) -> list[Path]:
    """`path` itself when it is one submission, or else the zips and folders in it, by name."""
    if not path.is_dir() or _is_one(path, assignment):
        return [path]
    inside = sorted(entry for entry in path.iterdir() if not entry.name.startswith((".", "__")))
    several = [entry for entry in inside if entry.is_dir() or entry.suffix.lower() == ".zip"]
    if not several:
        files = ", ".join(assignment.module_files)
        raise SubmissionError(f"{path}: holds neither {files} nor any zip or folder to grade")
    return several


def _is_one(path: Path, assignment: Assignment) -> bool:
    """Whether a folder holds modules or a notebook itself, or in its only sub-folder."""

    def holds(folder: Path) -> bool:
        return any((folder / name).exists() for name in assignment.module_files) or any(
            folder.glob("*.ipynb")
        )

    try:
        inside = [entry for entry in path.iterdir() if not entry.name.startswith((".", "__"))]
        if holds(path):
            return True
        folders = [entry for entry in inside if entry.is_dir() and not entry.is_symlink()]
        return len(folders) == 1 and len(inside) == len(folders) and holds(folders[0])
    except OSError as error:
        raise SubmissionError(f"{path}: {error.strerror or error}") from None
