"""A path to a Submission."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from autograder.handin.answers import by_heading, no_cell, too_long
from autograder.handin.naming import is_notebook, only_reading, read_as
from autograder.handin.pictures import MAX_PICTURE
from autograder.handin.reading import MAX_NOTEBOOK, FileProblem, Reading, on_disk, read_modules
from autograder.lab import Lab
from autograder.submission.choosing import chosen, holds_module, is_archive
from autograder.submission.notebook import NotebookProblem, answers, known_outline
from autograder.submission.pictures import Beside
from autograder.submission.source import DEEP, Entry, SubmissionError, entries
from autograder.text import FEW, cut, printable, some, visible

NOT_READ = "Written answers were not read"
"""How the note begins that says why there are no written answers though there is a notebook."""
MAX_NOTES, MAX_NOTE = 20, 400
CODE = (".py", ".py.txt", ".py.download")


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    `sources` and `problems` are by module name: the text, or why it cannot be read. `answers` are by
    written question's id, `pictures` those in them, in base64, by name. `notes` are sentences worth telling.
    `digest` is over modules and notebook, `code` over the modules alone.
    """

    id: str
    sources: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""
    pictures: dict[str, str] = field(default_factory=dict, repr=False)
    code: str = ""


def open_submission(path: Path, lab: Lab) -> Submission:
    """Read a folder or zip. SubmissionError when it cannot be read at all, or holds nothing to grade."""
    with entries(path) as found, ExitStack() as stack:
        files = deep_enough(found, lambda: stack.enter_context(entries(path, DEEP)), lab)
        return read_entries(path, files, submission_id(path), lab)


@dataclass(frozen=True)
class Files:
    """The files of a submission: those `found` where modules are, and all of them, `deeper` down too.

    `within` names the archives among them whose files were taken.
    """

    found: Sequence[Entry]
    deeper: Callable[[], list[Entry]]
    within: frozenset[str] = frozenset()

    @cached_property
    def all(self) -> Sequence[Entry]:
        """All of them; those that were found where there are too many further down."""
        try:
            return self.deeper()
        except SubmissionError:
            return self.found

    def beside(self, place: str) -> bytes | None:
        """A file that was handed in, by the end of its path; None where there is none."""
        parts = tuple(part for part in place.split("/") if part not in ("", "."))
        for files in (self.found, self.all) if parts else ():
            for entry in files:
                if entry.parts[-len(parts) :] == parts:
                    with suppress(FileProblem):
                        return entry.read(MAX_PICTURE)
        return None


def deep_enough(found: list[Entry], deeper: Callable[[], list[Entry]], lab: Lab) -> Files:
    """The files of the upper folders, or all where only the `deeper` ones hold a module or an archive."""
    files = Files(found, deeper)
    if holds_module(found, lab):
        return files
    if holds_module(files.all, lab) or not any(_could_count(entry) for entry in found):
        return Files(files.all, lambda: list(files.all))
    return files


def _could_count(entry: Entry) -> bool:
    return is_archive(entry.name) or is_notebook(entry.name)


def read_entries(path: Path, found: Files, name: str, lab: Lab) -> Submission:
    """Read these files of one submission; `path` is what they are called when something is wrong."""
    files = chosen(path, found.found, lab)
    by_name = {entry.name: entry for entry in files.files if entry.name.lower().endswith(CODE)}
    given = {file: on_disk(lab.folder / "handout" / file) for file in lab.given}
    reading = read_modules({file: entry.read for file, entry in by_name.items()}, lab.modules, given)
    pictures: dict[str, str] = {}
    book = _notebook(files.notebooks, lab, pictures, found.beside)
    read = [by_name[file] for file in reading.used if file in by_name] + book.read
    notes = (*_unread(found), *files.notes(read, lab), *_sentences(reading), *book.notes)
    digest = _digest(reading.sources, reading.problems, book.data)
    code = _digest(reading.sources, reading.problems, b"")
    return Submission(name, reading.sources, reading.problems, book.answers, notes, digest, pictures, code)


def _unread(files: Files) -> Iterator[str]:
    """What to say of archives beside the modules that nothing was taken from."""
    left = [e.shown for e in files.found if _holds_files(e.name) and e.shown not in files.within]
    if left:
        yield f"Not read: {some(left[:FEW], count=len(left))}."


def _holds_files(name: str) -> bool:
    """Whether a file is an archive of files; a single file that is packed, such as `data.gz`, is none."""
    return is_archive(name) and (Path(name).suffix not in PACKED or name.lower().endswith(ENDINGS))


def _sentences(reading: Reading) -> Iterator[str]:
    """What to say of the modules, but for what came with the lab."""
    return (cut(visible(remark.text, "?"), MAX_NOTE) for remark in islice(reading.remarks(), MAX_NOTES))


def submission_id(path: Path) -> str:
    """The file's or folder's name without an archive's ending, fit to name a folder. A link has its own."""
    return fit(without_ending(path.resolve().name if path.name in ("", "..") else path.name))


ENDINGS = (".zip", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar")
"""What archives that can be read end in."""
PACKED = {".gz", ".bz2", ".xz"}


def without_ending(name: str) -> str:
    """A name without the ending of an archive that can be read."""
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    return name[: len(name) - len(ending)]


MAX_NAME, MAX_BYTES = 80, 200
"""Characters and bytes of a name that `fit` makes: a folder's name may have 255 bytes."""


def fit(name: str, end: str = "") -> str:
    """A name fit to name a folder, with `end` at its end.

    Of one that is too long only the beginning is kept, and a digest of all of it: two names that differ stay
    two, whoever else hands in.
    """
    plain = _fit(name + end)
    if len(plain) <= MAX_NAME and len(plain.encode()) <= MAX_BYTES:
        return plain or "submission"
    digest = hashlib.sha256((name + end).encode("utf-8", "replace")).hexdigest()[:10]
    end = f"~{digest}{_fit(end)[-40:]}"
    room = MAX_BYTES - len(end.encode())
    begin = _fit(name)[: MAX_NAME - len(end)].encode()[:room].decode("utf-8", "ignore")
    return begin.strip(". ") + end


def _fit(name: str) -> str:
    plain = visible(name.encode("utf-8", "replace").decode(), "?")
    return plain.replace("/", "-").strip(". ")


def distinct(wishes: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """A name for each that is wished for, with a number where it is taken."""
    names: list[str] = []
    gone = {folded(name) for name in taken}
    last: dict[str, int] = {}
    for wanted in wishes:
        name, same = wanted, last.get(folded(wanted), 1)
        while folded(name) in gone:
            same += 1
            name = f"{wanted}-{same}"
        last[folded(wanted)] = same
        gone.add(folded(name))
        names.append(name)
    return names


def folded(name: str) -> str:
    """Text that is the same for names that some file systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@dataclass(frozen=True)
class _Book:
    """What was read of the notebook: the files, their bytes, the answers, and notes."""

    read: list[Entry] = field(default_factory=list)
    data: bytes = b""
    answers: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def _notebook(books: Sequence[Entry], lab: Lab, pictures: dict[str, str], beside: Beside) -> _Book:
    """Read the notebook, whatever it is called, where only one can be meant; its answers' pictures, too."""
    written = [question.id for question in lab.questions if question.written]
    if not written:
        return _Book()
    if not books:
        return _Book(notes=("No notebook was handed in, so there are no written answers.",))
    by_name = {entry.name: entry for entry in books}
    name, copies = only_reading(by_name, lab.notebook)
    if name is None and not copies and len(books) == 1:
        name = books[0].name
    if name is None:
        names = some([printable(entry.name) for entry in books])
        told = f"{NOT_READ}: of {names}, none is named {lab.notebook}."
        return _Book(list(books), notes=(told,))
    entry, shown = by_name[name], printable(name)
    notes: tuple[str, ...] = (read_as(shown, lab.notebook),) if name != lab.notebook else ()
    try:
        data = entry.read(MAX_NOTEBOOK)
        found = answers(data, written, known_outline(lab), pictures, beside)
    except (FileProblem, NotebookProblem) as problem:
        return _Book([entry], b"", {}, (f"{NOT_READ} from {shown}: {problem}.",))
    unmarked = [question for question in written if question in found and not found[question].marked]
    missing = [question for question in written if question not in found]
    long = [question for question, answer in found.items() if answer.cut]
    notes += ((by_heading(unmarked),) if unmarked else ()) + ((no_cell(missing),) if missing else ())
    notes += (too_long(long),) if long else ()
    return _Book([entry], data, {question: answer.text for question, answer in found.items()}, notes)


def _digest(sources: dict[str, str], problems: dict[str, str], notebook: bytes) -> str:
    digest = hashlib.sha256(hashlib.sha256(notebook).digest())
    for kind, texts in (("source", sources), ("problem", problems)):
        for name, text in sorted(texts.items()):
            digest.update(hashlib.sha256(f"{kind}\0{name}\0{text}".encode("utf-8", "replace")).digest())
    return digest.hexdigest()
