"""Packs what you hand in: `python submit.py` makes one zip of the modules and the notebook.

It says what is missing, empty or broken, and packs the rest all the same: unfinished work can be handed in.
The exit status is 0 when all is well, 1 when a file is missing or broken, 2 when there is no zip.
"""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import tokenize
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST = {".py": 256 << 10, ".ipynb": 16 << 20}
"""How large a file may be for the grader to read it, in bytes."""
READABLE = {"utf-8", "utf-8-sig", "iso-8859-1", "cp1252", "windows-1252", "ascii", "us-ascii"}
"""The encodings that the grader reads."""
SECONDS = 120
"""How long the import of one module may take; the first import of torch can be slow."""
DATE = (1980, 1, 1, 0, 0, 0)

IMPORT = """
import importlib, os, sys, traceback
report = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
os.dup2(2, 1)
sys.path.insert(0, os.getcwd())
try:
    importlib.import_module(sys.argv[1])
except BaseException as error:
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(os.getcwd())]
    where = f"{os.path.basename(lines[-1].filename)}, line {lines[-1].lineno}: " if lines else ""
    print(f"{where}{type(error).__name__}: {error}", file=report)
else:
    print("ok", file=report)
"""


@dataclass(frozen=True)
class Lab:
    """What this folder says of the lab: what is handed in, and what the cells for answers hold at first."""

    name: str
    files: tuple[str, ...]
    placeholders: dict[str, str]

    @property
    def zip(self) -> str:
        """The name of the zip."""
        return f"{self.name}-submission.zip"


def lab_in(folder: Path) -> Lab | None:
    """The lab whose facts are in a folder of this one; None where they are missing or broken."""
    for path in sorted(folder.glob("*/facts.json")):
        try:
            facts = json.loads(path.read_text("utf-8"))
            files = (*(f"{module}.py" for module in facts["modules"]), str(facts["notebook"]))
            return Lab(str(facts["name"]), files, dict(facts.get("placeholders", {})))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def main() -> int:
    """Look at each file, pack what is there, and say how that went."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack letters of a folder's name
    warnings.simplefilter("ignore")
    folder = Path(__file__).resolve().parent
    lab = lab_in(folder)
    if lab is None:
        print(f"No zip was made: facts.json, which came with this lab, is not in any folder of {folder}.")
        print("Unzip the lab again, and copy the folders that are missing here from there.")
        return 2
    found = {name: folder / name for name in lab.files if (folder / name).is_file()}
    problems = [f"{name} is missing" for name in lab.files if name not in found]
    problems += [problem for path in found.values() for problem in broken(path)]
    for problem in problems:
        print(f"PROBLEM  {problem}")
    for note in (note for path in found.values() for note in unfinished(path, lab)):
        print(f"note     {note}")
    if not found:
        print(f"\nNo zip was made: {folder} holds nothing to hand in.")
        return 2
    return pack(folder / lab.zip, found, problems)


# --- what is wrong with a file ---------------------------------------------------------------------------


def broken(path: Path) -> Iterator[str]:
    """Why the grader could not use a file; nothing when it could."""
    try:
        size = path.stat().st_size
        if size > LARGEST[path.suffix]:
            yield f"{path.name} is larger than {LARGEST[path.suffix] >> 10} KiB and would not be read"
        elif not path.read_bytes().strip():
            yield f"{path.name} is empty"
        elif path.suffix == ".py":
            yield from broken_module(path)
        else:
            cells_of(path)
    except OSError as error:
        yield f"{path.name} cannot be read: {error.strerror}"
    except ValueError as error:
        yield f"{path.name} is not a notebook ({error}); save it again in Jupyter"
    except (RecursionError, MemoryError):
        yield f"{path.name} is nested too deeply to be read"


def broken_module(path: Path) -> Iterator[str]:
    """Why a module cannot be imported."""
    content = path.read_bytes()
    try:
        compile(content.decode(encoding(content)), path.name, "exec", dont_inherit=True)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        yield f"{path.name}, line {line} cannot be read as {error.encoding}; save the file as UTF-8"
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        yield f"{path.name}{where} does not compile: {error.msg}"
    except ValueError as error:
        yield f"{path.name} does not compile: {error}"
    else:
        problem = import_problem(path)
        if problem:
            yield f"{path.name} cannot be imported: {problem}"


def encoding(content: bytes) -> str:
    """How a module says that it is written; UTF-8 if it does not say."""
    try:
        declared = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
    except SyntaxError:
        return "utf-8"
    return declared if declared in READABLE else "utf-8"


def import_problem(path: Path) -> str:
    """What a fresh Python says when it imports a module; nothing when all is well."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", IMPORT, path.stem],
            cwd=path.parent,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not finish within {SECONDS} s; does something run outside of the functions?"
    said = " ".join(done.stdout.decode("utf-8", "backslashreplace").split())
    if said:
        return "" if said == "ok" else said
    return f"Python ended while it ran (exit status {done.returncode})"


def cells_of(path: Path) -> list[dict[str, Any]]:
    """A notebook's cells. ValueError when it is none."""
    book = json.loads(path.read_text("utf-8-sig"))
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError("it holds no cells")
    return cells


# --- what is not written yet -----------------------------------------------------------------------------


def unfinished(path: Path, lab: Lab) -> Iterator[str]:
    """What of a file still is as it was handed out."""
    try:
        if path.suffix == ".py":
            names = [f"{name}()" for name in stubs(path)]
        else:
            names = [f"the answer to {question}" for question in unanswered(path, lab)]
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for name in names:
        yield f"{path.name}: {name} is not written yet"


def stubs(path: Path) -> Iterator[str]:
    """The functions that still hold a `raise NotImplementedError`."""
    for function in ast.parse(path.read_bytes()).body:
        if isinstance(function, ast.FunctionDef) and any(map(raises_unwritten, ast.walk(function))):
            yield function.name


def raises_unwritten(node: ast.AST) -> bool:
    """Whether this is a `raise NotImplementedError`, with a text or without."""
    if not isinstance(node, ast.Raise):
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def unanswered(path: Path, lab: Lab) -> Iterator[str]:
    """The written questions whose cell is empty or still asks for an answer."""
    for cell in cells_of(path):
        metadata, source = cell.get("metadata"), cell.get("source")
        convlab = metadata.get("convlab") if isinstance(metadata, dict) else None
        text = ("".join(map(str, source)) if isinstance(source, list) else str(source or "")).strip()
        question = convlab.get("question") if isinstance(convlab, dict) else None
        if isinstance(question, str) and text in ("", lab.placeholders.get(question, "").strip()):
            yield question


# --- the zip ---------------------------------------------------------------------------------------------


def pack(target: Path, found: dict[str, Path], problems: list[str]) -> int:
    """Write the zip, and list what is in it. Returns the exit status."""
    try:
        contents = {name: path.read_bytes() for name, path in found.items()}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                info = zipfile.ZipInfo(name, DATE)
                info.external_attr = 0o644 << 16
                archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    except OSError as error:
        print(f"\nNo zip was made: {error.filename}: {error.strerror}")
        return 2
    print(f"\nPacked into {target}:")
    for name, content in contents.items():
        print(f"  {name:16} {len(content):9,} bytes")
    if problems:
        print("\nYou can hand this in as it is, but see the PROBLEMs above.")
    else:
        print("\nUpload this zip.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
