"""Packs what is handed in: `python submit.py` and `grader.export()` make one zip of modules and notebook.

What is missing, empty or broken is said, and the rest is packed all the same: unfinished work can be handed
in. The exit status is 0 when all is well, 1 when something is to be looked at, 2 when there is no zip.
"""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.errors import reason
from autograder.handin.answers import (
    MAX_ANSWER,
    Answer,
    Outline,
    answers_in,
    by_heading,
    no_cell,
    source,
    too_long,
)
from autograder.handin.imports import runnable
from autograder.handin.naming import is_notebook, only_reading, read_as, which_one
from autograder.handin.pictures import (
    MAX_PICTURE,
    MAX_SIDE,
    file_of,
    kind_of,
    links_in,
    pasted,
    pictures_in,
    with_addresses,
)
from autograder.handin.python import compiled, newer_syntax, of_syntax_error, tree_of
from autograder.handin.reading import MAX_NOTEBOOK, Reading, on_disk, read_modules, too_many_parts
from autograder.timeouts import TimeLimit

SECONDS = 120.0
"""How long the loading of one module may take; the first import of torch can be slow."""
DATE = (1980, 1, 1, 0, 0, 0)
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Facts:
    """What a folder says of its lab."""

    name: str
    modules: tuple[str, ...]
    notebook: str
    functions: Mapping[str, Mapping[str, list[str]]]
    written: tuple[str, ...]
    outline: Outline
    given: Mapping[str, None]
    limit: TimeLimit

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Facts:
        """The facts in facts.json. KeyError, TypeError and the like where it is not that."""
        functions: dict[str, dict[str, list[str]]] = {str(module): {} for module in facts["modules"]}
        signatures = dict(facts.get("signatures", {}))
        for question in facts["questions"]:
            for function in question["functions"]:
                functions[question["module"]][function] = list(signatures.get(function, []))
        written = tuple(str(q["id"]) for q in facts["questions"] if not q["functions"])
        modules = tuple(functions)
        given = dict.fromkeys(map(str, facts.get("given", ())))
        limit = TimeLimit.of(facts)
        name, notebook = str(facts["name"]), str(facts["notebook"])
        return cls(name, modules, notebook, functions, written, Outline.of(facts), given, limit)

    @property
    def zip(self) -> str:
        """The name of the zip."""
        return f"{self.name}-submission.zip"


@dataclass
class Report:
    """What was found: `problems` can cost points, `notes` are worth knowing, `files` are packed."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    begun: bool = False

    def problem(self, text: str) -> None:
        """Note what can cost points, once."""
        if text not in self.problems:
            self.problems.append(text)


def facts_in(folder: Path) -> Facts | None:
    """The lab whose facts are in a folder of this one; None where they are missing or broken."""
    for path in sorted(folder.glob("*/facts.json")):
        try:
            return Facts.of(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def main(folder: Path, tell: Tell = print, seconds: float = SECONDS) -> int:
    """Look at each file, pack what is there, and say how that went. Returns the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack letters of a folder's name
    warnings.simplefilter("ignore")
    facts = facts_in(folder)
    if facts is None:
        tell(f"No zip was made: facts.json, which came with this lab, is not in any folder of {folder}.")
        tell("Unzip the lab again, and copy the folders that are missing here from there.")
        return 2
    report = Report()
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError as error:
        tell(f"No zip was made: {folder} cannot be read: {error.strerror}")
        return 2
    _look_at_modules(folder, names, facts, report, seconds)
    _look_at_notebook(folder, names, facts, report)
    for text in report.problems:
        tell(f"PROBLEM  {text}")
    for text in report.notes:
        tell(f"note     {text}")
    if not report.files:
        tell(f"\nNo zip was made: {folder} holds nothing to hand in.")
        return 2
    return _pack(folder / facts.zip, report, tell)


# ---- the modules -----------------------------------------------------------------------------------


def _look_at_modules(
    folder: Path, names: Sequence[str], facts: Facts, report: Report, seconds: float
) -> None:
    code = [name for name in names if ".py" in name.lower() and name != "submit.py"]
    reading = read_modules({name: on_disk(folder / name) for name in code}, facts.modules, facts.given)
    for name, module in reading.used.items():
        report.files[f"{module}.py"] = (folder / name).read_bytes()
    for module in facts.modules:
        if module not in reading.sources and module not in reading.problems:
            report.problem(f"{module}.py is missing.")
        elif module in reading.problems and f"{module}.py" in names:
            with suppress(OSError):  # why it cannot be read is told below
                report.files[f"{module}.py"] = (folder / f"{module}.py").read_bytes()
    for text in reading.problems.values():
        report.problem(text)
    for remark in reading.remarks():
        (report.problem if remark.harmful else report.notes.append)(remark.text)
    tried = [module for module in reading.sources if _compiles(module, reading.sources[module], report)]
    _try(folder, tried, reading, facts, report, seconds)
    for module in tried:
        _look_at_functions(module, reading.sources[module], facts, report)


def _compiles(module: str, text: str, report: Report) -> bool:
    """Whether a module is Python. What is wrong is noted, and what only a newer Python understands."""
    if not text.strip():
        report.problem(f"{module}.py is empty.")
        return False
    try:
        compiled(runnable(text)[0], module)
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        report.problem(f"{module}.py{where} does not compile: {of_syntax_error(error)}")
        return False
    except ValueError as error:
        report.problem(f"{module}.py does not compile: {error}.")
        return False
    if newer := newer_syntax(runnable(text)[0], module):
        report.problem(newer)
    return True


def _try(
    folder: Path, tried: Sequence[str], reading: Reading, facts: Facts, report: Report, seconds: float
) -> None:
    """Load the modules in a clean process, as the grader does; after one that ends it, go on in another."""
    waiting = [module for module in tried if module in facts.modules]
    while waiting:
        order = {
            "modules": waiting,
            "sources": reading.sources,
            "functions": {module: list(facts.functions[module]) for module in waiting},
            "limit": [facts.limit.wall_seconds, facts.limit.cpu_seconds],
        }
        told, ended = _run(folder, order, seconds * len(waiting))
        if "torch" in {key for line in told for key in line}:
            report.problem(_no_torch(next(line["torch"] for line in told if "torch" in line)))
            return
        done = [line["module"] for line in told if "module" in line]
        for line in told:
            _note_loaded(line, facts, reading, report)
        left = [module for module in waiting if module not in done]
        if left:
            report.problem(f"{left[0]}.py cannot be loaded: {ended}")
        waiting = left[1:]


def _run(folder: Path, order: Mapping[str, Any], seconds: float) -> tuple[list[dict[str, Any]], str]:
    """What a trial reports, line by line, and in words how it ended where it did not get to the end."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
    try:
        with TemporaryDirectory(
            ignore_cleanup_errors=True
        ) as empty:  # where the grader runs is no file either
            done = subprocess.run(
                [sys.executable, "-m", "autograder.checking.trial", str(folder)],
                cwd=empty,
                env=environment,
                input=json.dumps(order).encode("utf-8", "surrogatepass") + b"\n",
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        ended = f"it did not finish within {seconds:g} s; does something run outside of the functions?"
        return _lines(error.stdout or b""), ended
    return _lines(done.stdout), f"Python ended while it ran (exit status {done.returncode})."


def _lines(data: bytes) -> list[dict[str, Any]]:
    found = []
    for line in data.decode("utf-8", "replace").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            found.append(told)
    return found


def _no_torch(why: str) -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    return (
        f"This Python ({version}, {sys.executable}) cannot import torch ({why[:200]}), so the modules were "
        "not tried. Run submit.py with the Python in which you installed requirements.txt; activate its "
        "environment first."
    )


def _note_loaded(line: Mapping[str, Any], facts: Facts, reading: Reading, report: Report) -> None:
    module = line.get("module")
    if module is None:
        return
    if line.get("over"):
        report.problem(" ".join(str(line["over"]).split()))
    if line.get("problem") and not any(known in str(line["problem"]) for known in report.problems):
        told = " ".join(str(line["problem"]).split())
        alone = " The grader has the modules and no other file." if "FileNotFoundError" in told else ""
        report.problem(f"{module}.py cannot be loaded: {told}{alone}")
    for name in line.get("missing", ()):
        defined = _defined(reading.sources[module])
        close = get_close_matches(
            name, [each for each in defined if each not in facts.functions[module]], 1, 0.6
        )
        perhaps = f"; rename {close[0]} to {name}" if close else ""
        report.problem(f"{module}.py defines no function {name}, which the grader looks for{perhaps}.")


def _defined(text: str) -> dict[str, ast.FunctionDef]:
    """The functions of a module by name, the last of each."""
    tree = tree_of(runnable(text)[0])
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)} if tree else {}


def _look_at_functions(module: str, text: str, facts: Facts, report: Report) -> None:
    """Note stubs, and arguments that have other names than the grader passes."""
    for name, node in _defined(text).items():
        wanted = facts.functions.get(module, {}).get(name)
        if any(map(_raises_unwritten, _reached(node.body))):
            report.notes.append(f"{module}.py, line {node.lineno}: {name}() is not written yet")
        elif wanted is not None:
            report.begun = True
        given = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        if wanted and given[: len(wanted)] != wanted and not (node.args.vararg or node.args.kwarg):
            told = f"{name} has the arguments ({', '.join(given)}), the grader passes ({', '.join(wanted)})"
            report.problem(f"{module}.py, line {node.lineno}: {told}; keep these names.")


def _reached(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The statements that a function can get to: none below a `return`, as a stub's last line often is."""
    for statement in body:
        yield statement
        for _, part in ast.iter_fields(statement):
            if isinstance(part, list) and part and isinstance(part[0], _BLOCKS):
                yield from _reached(part)
        if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
            return


_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)


def _raises_unwritten(node: ast.AST) -> bool:
    """Whether this is a `raise NotImplementedError`, with a text or without."""
    if not isinstance(node, ast.Raise):
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


# ---- the notebook ----------------------------------------------------------------------------------


def _look_at_notebook(folder: Path, names: Sequence[str], facts: Facts, report: Report) -> None:
    books = [name for name in names if is_notebook(name)]
    name, copies = only_reading(books, facts.notebook)
    if name is None and copies:
        report.problem(which_one(copies, facts.notebook))
        return
    if name is None:
        other = f" Is it {', '.join(books)}? Rename it to {facts.notebook}." if books else ""
        report.problem(f"{facts.notebook} is missing.{other}")
        return
    if name != facts.notebook:
        report.notes.append(read_as(name, facts.notebook))
    data = _content(folder / name, report)
    if data is None:
        return
    report.files[facts.notebook] = data
    cells = _cells(name, data, report)
    if cells is None:
        return
    found = answers_in(cells, facts.written, facts.outline)
    open_ = [question for question in facts.written if not _written(found.get(question), question, facts)]
    _note_answers(name, cells, found, open_, facts, report)
    _look_at_others(folder, [book for book in books if book != name], name, open_, facts, report)
    _take_pictures(folder, cells, found, report)


def _content(path: Path, report: Report) -> bytes | None:
    """What a file holds; None, and a problem, when the system refuses to read it."""
    try:
        return path.read_bytes()
    except OSError as error:
        told = f"{path.name} cannot be read ({reason(error)})"
        report.problem(f"{told}; close it in other programs, or save a copy and hand that in.")
        return None


def _cells(name: str, data: bytes, report: Report) -> list[dict[str, Any]] | None:
    """A notebook's cells; None, and a problem, when it is none."""
    if len(data) > MAX_NOTEBOOK:
        told = f"{name} is larger than {MAX_NOTEBOOK >> 20} MiB and would not be read"
        report.problem(f"{told}: clear its outputs, or make the photos in it smaller.")
        return None
    if not data.strip():
        report.problem(f"{name} is empty.")
        return None
    if too_many_parts(data):
        report.problem(f"{name} is too large to be read: clear its outputs and save it again.")
        return None
    try:
        book = json.loads(data.decode("utf-8-sig"))
        cells = book.get("cells") if isinstance(book, dict) else None
        if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
            raise ValueError("it holds no cells")
    except ValueError as error:
        report.problem(f"{name} is not a notebook ({error}); save it again in Jupyter.")
        return None
    except (RecursionError, MemoryError):
        report.problem(f"{name} is nested too deeply to be read.")
        return None
    return cells


def _written(answer: Answer | None, question: str, facts: Facts) -> bool:
    blank = facts.outline.placeholders.get(question, "").strip()
    return answer is not None and answer.text.strip() not in ("", blank)


def _note_answers(
    name: str,
    cells: Sequence[Mapping[str, Any]],
    found: Mapping[str, Answer],
    open_: Sequence[str],
    facts: Facts,
    report: Report,
) -> None:
    report.begun |= len(open_) < len(facts.written)
    if unmarked := [question for question in found if question not in open_ and not found[question].marked]:
        report.notes.append(by_heading(unmarked))
    missing = [question for question in facts.written if question not in found]
    if missing and not _never_run(cells, open_, facts):
        report.problem(no_cell(missing))
    for question in open_:
        if question in found:
            report.notes.append(f"{name}: the answer to {question} is not written yet")
    if long := [question for question, answer in found.items() if len(_kept(answer.text)) > MAX_ANSWER]:
        report.problem(too_long(long))
    for question, answer in found.items():
        blank = facts.outline.placeholders.get(question, "").strip()
        if question not in open_ and blank and blank in answer.text:
            report.notes.append(f"{name}: the line {blank!r} is still in the answer to {question}; delete it")
    if facts.written and _never_run(cells, open_, facts):
        report.notes.append(
            f"{name} is as it was handed out: no cell was run and nothing is answered. If you have worked in "
            "it, save it (Ctrl+S) and run submit.py again."
        )


def _kept(text: str) -> str:
    """An answer as the grader keeps it: a picture that is in the text is kept beside it, under a name."""
    return with_addresses(text, lambda place: "attachment:" + 36 * "x" if place.startswith("data:") else None)


def _never_run(cells: Sequence[Mapping[str, Any]], open_: Sequence[str], facts: Facts) -> bool:
    return len(open_) == len(facts.written) and not any(cell.get("execution_count") for cell in cells)


def _look_at_others(
    folder: Path, others: Sequence[str], name: str, open_: Sequence[str], facts: Facts, report: Report
) -> None:
    """Note answers that are only in another notebook of the folder."""
    for other in others:
        data = _content(folder / other, Report())  # what is wrong with a file that is not handed in is untold
        cells = _cells(other, data, Report()) if data else None
        found = answers_in(cells or [], facts.written, facts.outline)
        if better := [question for question in open_ if _written(found.get(question), question, facts)]:
            report.problem(
                f"{other} holds the answers to {', '.join(better)}, {name} does not, and only {name} is "
                f"handed in. Which one did you work in? Rename that one to {facts.notebook}."
            )


def _take_pictures(
    folder: Path, cells: Sequence[Mapping[str, Any]], found: Mapping[str, Answer], report: Report
) -> None:
    """Pack the pictures that answers show from files, and say which cannot be packed."""
    for question, answer in found.items():
        for number in answer.cells:
            for address in pictures_in(source(cells[number])):
                _take_picture(folder, question, address, cells[number], report)
            for address in links_in(source(cells[number])):
                _look_at_link(folder, question, address, report)


def _take_picture(folder: Path, question: str, address: str, cell: Mapping[str, Any], report: Report) -> None:
    """Pack a picture, where it is a file; say where those who mark would not see it."""
    told = f"the answer to {question} shows {address[:80]}"
    place = file_of(address)
    if address.startswith(("attachment:", "data:")):
        content = pasted(address, cell)
        if content is None:
            report.problem(f"{told}, which is not in the cell: paste the picture again.")
            return
    elif place is None:
        told = f"the answer to {question} shows a picture from the internet ({address[:80]})"
        report.notes.append(f"{told}; who marks it may not see it: paste the picture itself.")
        return
    else:
        path = folder / place
        if Path(place).is_absolute() or ".." in Path(place).parts or not path.is_file():
            report.problem(f"{told}, which is not in this folder; put it there, or paste it into the cell.")
            return
        content = _content(path, report)
        if content is None:
            return
        report.files[Path(place).as_posix()] = content
    if kind_of(content) is None:
        most = f"at most {MAX_PICTURE >> 20} MiB and {MAX_SIDE:,} x {MAX_SIDE:,} large"
        report.problem(
            f"{told}, which is no picture that is shown to who marks: save it as PNG or JPEG, {most}."
        )


def _look_at_link(folder: Path, question: str, address: str, report: Report) -> None:
    """Say where an answer points to a file of the folder, which nobody else has."""
    place = (file_of(address) or "").partition("#")[0]
    with suppress(OSError, ValueError):
        if place and (folder / place).is_file():
            report.problem(
                f"The answer to {question} links to {place[:80]}, which is not handed in: who marks it sees "
                "the notebook and its pictures only. Write it into the answer, or paste it as a picture."
            )


# ---- the zip ---------------------------------------------------------------------------------------


def _pack(target: Path, report: Report, tell: Tell) -> int:
    """Write the zip, and list what is in it. Returns the exit status."""
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in report.files.items():
                info = zipfile.ZipInfo(name, DATE)
                info.external_attr = 0o644 << 16
                archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    except OSError as error:
        tell(f"\nNo zip was made: {error.filename}: {error.strerror}")
        return 2
    tell(f"\nPacked into {target}:")
    for name, content in report.files.items():
        tell(f"  {name:16} {len(content):9,} bytes")
    if not report.begun:
        tell("\nNothing in it is done yet: every function is as it was handed out, and no answer is written.")
        return 1
    if report.problems:
        tell("\nYou can hand this in as it is, but see the PROBLEMs above: they can cost points.")
        return 1
    tell("\nUpload this zip.")
    return 0
