"""The modules of a folder, read from bytes as Python itself would read them."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import reason
from autograder.handin.imports import Remark, imports_of, is_pythons, remarks
from autograder.handin.naming import meant, only_reading, read_as, which_one
from autograder.text import NotDecodable, decoded, line_of, printable

MAX_MODULE, MAX_NOTEBOOK = 256 << 10, 16 << 20
MAX_PARTS = 1_000_000
"""Most braces, brackets and commas in a notebook: each may become an object of a hundred bytes. A loop that
printed 200,000 lines, as one does over a picture, leaves as many commas."""
"""How large a module and a notebook may be to be read, in bytes."""
MAX_HELPERS = 16

ENCODINGS = {"utf-8", "utf-8-sig", "iso-8859-1", "latin-1", "cp1252", "windows-1252", "ascii", "us-ascii"}


class FileProblem(Exception):
    """One file cannot be read; the text is a sentence without the file's name."""


def source_text(data: bytes) -> str:
    """The text of a module. FileProblem with the line that cannot be read and what to do."""
    if b"\0" in data:
        line = line_of(data, data.index(b"\0"))
        raise FileProblem(f"line {line}: a NUL byte; save the file as UTF-8 text")
    try:
        return decoded(data, _declared(data))
    except NotDecodable as error:
        raise FileProblem(f"line {error.line}: {error}; save the file as UTF-8") from None


def _declared(data: bytes) -> str:
    """The encoding that a PEP 263 comment declares, else utf-8."""
    head = data.split(b"\n", 2)[:2]
    try:
        found, lines = tokenize.detect_encoding(io.BytesIO(b"\n".join(line[:200] for line in head)).readline)
    except SyntaxError:
        return "utf-8"
    if found.lower() not in ENCODINGS:
        told = f"encoding {printable(found)} is not supported"
        raise FileProblem(f"line {len(lines)}: {told}; save the file as UTF-8")
    return found.lower()


# ---- the modules of a folder -----------------------------------------------------------------------

Read = Callable[[int], bytes]
"""Gives at most so many bytes of a file. FileProblem where it cannot be read."""


def on_disk(path: Path) -> Read:
    """What reads a file of a folder, as it is then."""

    def read(limit: int) -> bytes:
        try:
            if path.stat().st_size > limit:
                raise FileProblem(f"it is larger than {limit >> 10} KiB")
            return path.read_bytes()
        except OSError as error:
            raise FileProblem(f"it cannot be read ({reason(error)})") from None

    return read


@dataclass
class Reading:
    """The modules that were found in a folder.

    `sources` and `problems` are by module name: the text, or why there is none. `helpers` are modules that
    the lab does not ask for and the others import, `given` those that came with the lab. `used` are the files
    that were read, by name.
    """

    sources: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
    given: frozenset[str] = frozenset()
    renamed: list[Remark] = field(default_factory=list)
    used: dict[str, str] = field(default_factory=dict)

    def remarks(self) -> Iterator[Remark]:
        """What to say of the files' names and of what they import."""
        yield from self.renamed
        for name, text in self.sources.items():
            if name in self.given:
                continue
            there = {*self.sources, *self.problems}  # what cannot be read is told, and is there
            yield from remarks(name, text, there, self.helpers)


def read_modules(
    files: Mapping[str, Read], modules: Sequence[str], given: Mapping[str, Read | None] | None = None
) -> Reading:
    """Read the lab's modules among some files by name, and the further ones that these import.

    Args:
        files: what reads a file, by its name.
        modules: the names of the modules that the lab asks for.
        given: further files that came with the lab and may be imported; None for one among the `files`.
    """
    given = given or {}
    found = Reading(given=frozenset(name.removesuffix(".py") for name in given))
    for module in modules:
        name, copies = only_reading(files, f"{module}.py")
        if name is not None:
            _take(found, module, name, files[name])
            if name != f"{module}.py":
                found.renamed.append(Remark(read_as(printable(name), f"{module}.py")))
        elif copies:
            found.problems[module] = which_one(map(printable, copies), f"{module}.py")
        elif similar := sorted(name for name in files if meant(name, modules) == module):
            told = f"{module}.py is missing; rename {printable(similar[0])} to {module}.py."
            found.problems[module] = told
    _take_helpers(found, modules, files, given)
    return found


def _take(found: Reading, module: str, name: str, read: Read) -> None:
    try:
        found.sources[module] = source_text(read(MAX_MODULE))
        found.used[name] = module
    except FileProblem as problem:
        separator = ", " if str(problem).startswith("line ") else ": "
        found.problems[module] = f"{module}.py{separator}{problem}."


def _take_helpers(
    found: Reading, modules: Sequence[str], files: Mapping[str, Read], given: Mapping[str, Read | None]
) -> None:
    """Read what the modules import of the files beside them, and what these import."""
    waiting = list(found.sources)
    while waiting and len(found.helpers) < MAX_HELPERS:
        importer = waiting.pop(0)
        for each in imports_of(found.sources[importer]):
            name = f"{each.root}.py"
            read = files.get(name) or given.get(name)
            if read is None or each.root in {*modules, *found.sources, *found.problems}:
                continue
            if is_pythons(each.root):
                told = (
                    f"{importer}.py, line {each.line}: imports {each.root}, and Python has a module of that"
                )
                found.renamed.append(Remark(f"{told} name: {name} is not read; rename it.", harmful=True))
                found.problems[each.root] = f"{name} is not read."
                continue
            _take(found, each.root, name, read)
            if each.root in found.sources:
                found.helpers.add(each.root)
                waiting.append(each.root)


def too_many_parts(notebook: bytes) -> bool:
    """Whether a notebook is so large in memory that it is not read."""
    return sum(notebook.count(mark) for mark in (b"{", b"[", b",")) > MAX_PARTS
