"""The code that students get: what public checks need, of the engine and of the lab's package."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.checking.catalog import others
from autograder.checking.handout import FACTS
from autograder.handin.answers import Outline
from autograder.handin.python import PYTHON
from autograder.lab import Lab, LabError

TEXTS = (".py", ".md", ".txt", ".ini", ".toml", ".cfg", ".csv", ".json")
"""What files end in whose lines may end as git on Windows has it."""
Files = dict[str, bytes]
"""Paths inside a folder, with `/`, and what the files hold."""

ENGINE = Path(__file__).resolve().parent.parent
PACKAGE = (
    "__init__",
    "errors",
    "values",
    "text",
    "timeouts",
    "garbage",
    "handin/__init__",
    "handin/imports",
    "handin/naming",
    "handin/reading",
    "handin/answers",
    "handin/explain",
    "handin/pictures",
    "handin/python",
    "handin/packing",
    "modules",
    "probing",
    "watching",
    "randomness",
    "simulated_device",
    "checking/__init__",
    "checking/check",
    "checking/student",
    "checking/handout",
    "checking/diagnosis",
    "checking/judge",
    "checking/outcome",
    "checking/local",
    "checking/display",
    "checking/trial",
    "checking/notebook",
    "checking/fixtures",
)
"""The modules of the engine that public checks need."""

SUBMIT = Path(__file__).with_name("files") / "submit.py"
"""Each lab's submit.py: what it does is in `autograder.handin`, what it is about in facts.json."""
CONFTEST = SUBMIT.with_name("conftest.py")
"""Each students' folder's conftest.py, in the place of the one in the lab's package."""
OWN = ("__init__", "probes")
"""The modules of the lab's package that students get, beside public/ and what these import."""
HIDDEN = ("hidden", "misconceptions")
"""The parts of the lab's package that nothing in a student's folder may import."""


def package_files(lab: Lab, known: Outline, signatures: Mapping[str, Sequence[str]]) -> Files:
    """The code that public checks need: a subset of the engine, and the public part of the lab's package.

    `known` is the notebook's outline as it is handed out, `signatures` are the arguments' names by function.

    The table of known mistakes, which takes a while to make, is not among them. LabError when any of it
    imports what students do not get.
    """
    files = {f"autograder/{name}.py": read(ENGINE / f"{name}.py") for name in PACKAGE}
    waiting = [f"{name}.py" for name in OWN if (lab.package / f"{name}.py").is_file()]
    waiting += [f"public/{path.name}" for path in sorted((lab.package / "public").glob("*.py"))]
    while waiting:
        name = waiting.pop()
        path = f"{lab.name}/{name}"
        if path in files:
            continue
        files[path] = read(lab.package / name)
        waiting += _own_imports(lab, path, files[path])
    files |= {path.name: read(path) for path in (SUBMIT, CONFTEST)}
    for name, data in files.items():
        _only_what_students_get(name, data, files)
    files[f"{lab.name}/{FACTS}"] = student_facts(lab, known, signatures)
    return files


def student_facts(lab: Lab, known: Outline, signatures: Mapping[str, Sequence[str]]) -> bytes:
    """facts.json: what a student's folder has to know of assignment.toml."""
    questions = [
        {"id": q.id, "title": q.title, "points": q.points, "module": q.module, "functions": list(q.functions)}
        for q in lab.questions
    ]
    told: dict[str, Any] = {
        "name": lab.name,
        "title": lab.title,
        **lab.release,
        "modules": list(lab.modules),
        "notebook": lab.notebook,
        "questions": questions,
        "others": others(lab),
        "placeholders": dict(known.placeholders),
        "signatures": {name: list(arguments) for name, arguments in signatures.items()},
        "outline": known.facts(),
        "given": list(lab.given),
        "limits": {name: getattr(lab.limits, name) for name in ("wall_seconds", "cpu_seconds")},
        "python": ".".join(map(str, PYTHON)),
    }
    return (json.dumps(told, indent=1) + "\n").encode()


def _own_imports(lab: Lab, name: str, data: bytes) -> Iterator[str]:
    """The further modules of the lab's package that one of them imports."""
    for line, wanted in _imports(data.decode(), (lab.name,)):
        parts = wanted.split("/")[1:]
        if parts and parts[0] in HIDDEN:
            raise LabError(
                f"assignment/{name}:{line}: imports {wanted.replace('/', '.')}, which students must not get"
            )
        for file in ("/".join(parts) + ".py", "/".join([*parts, "__init__.py"])):
            if parts and (lab.package / file).is_file():
                yield file


def _only_what_students_get(name: str, data: bytes, files: Mapping[str, bytes]) -> None:
    roots = tuple({file.partition("/")[0] for file in files})
    for line, wanted in _imports(data.decode(), roots):
        if not {f"{wanted}.py", f"{wanted}/__init__.py"} & set(files):
            raise LabError(f"{name}:{line}: imports {wanted.replace('/', '.')}, which students do not get")


def _imports(text: str, roots: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The modules of some packages that a module imports when it runs, as line and path."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = list(_imported_from(node))
        else:
            continue
        yield from ((node.lineno, name.replace(".", "/")) for name in names if name.split(".")[0] in roots)


def _imported_from(node: ast.ImportFrom) -> Iterator[str]:
    """`from package.room import judge` may import a module of its own; the other names are no modules."""
    module = node.module or ""
    for alias in node.names:
        try:
            yield f"{module}.{alias.name}" if find_spec(f"{module}.{alias.name}") else module
        except (ImportError, ValueError):
            yield module


def read(path: Path) -> bytes:
    """A file that is part of what students get. LabError when it cannot be read.

    Lines of texts end with LF, however git checked them out: the same sources give the same bytes.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}; it is part of what students get") from None
    return data.replace(b"\r\n", b"\n") if path.suffix in TEXTS else data
