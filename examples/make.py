"""Writes three example submissions to grade: `python examples/make.py FOLDER`.

    perfect.zip   the reference
    stub.zip      what students start from, untouched
    half-done/    a bit of everything: right, wrong, not implemented, a hang, a dead process

All is cut from the lab's own sources as it is written; no answer stands in this file.
"""

from __future__ import annotations

import argparse
import ast
import zipfile
from pathlib import Path

from autograder.lab import load_lab
from autograder.release.selftest import handed_in
from autograder.release.package import Files
from autograder.release.sources import cut_lab
from autograder.release.student import solution_files, student_files

ROOT = Path(__file__).resolve().parent.parent
DATE = (1980, 1, 1, 0, 0, 0)

WRONG = """
    return torch.optim.RMSprop(model.parameters(), lr=0.1)
"""
HANG = """
    row = 0
    while row < img.shape[0]:
        col = 0  # and `row` stays as it is for ever
"""
DIES = """
    import os

    os._exit(1)
"""


def half_done(stub: Files, perfect: Files) -> Files:
    """The stub's notebook, and the reference with one function each wrong, missing, hanging, deadly."""
    files = {**perfect, "lab06.ipynb": stub["lab06.ipynb"]}
    files["training.py"] = with_function(files["training.py"], "evaluate", stub["training.py"])
    files["training.py"] = with_body(files["training.py"], "make_optimizer", WRONG)
    files["convolution.py"] = with_body(files["convolution.py"], "apply_convolution", HANG)
    files["gradient.py"] = with_body(files["gradient.py"], "conv_gradient_wrt_input", DIES)
    return files


def with_body(module: bytes, name: str, body: str) -> bytes:
    """A module with other code in one function, below its docstring."""
    function = find(module, name)
    lines = module.decode().splitlines(keepends=True)
    docstring_end = function.body[0].end_lineno or 0
    return "".join([*lines[:docstring_end], body.lstrip("\n"), *lines[function.end_lineno :]]).encode()


def with_function(module: bytes, name: str, donor: bytes) -> bytes:
    """A module with one function as another version of it has it."""
    old, new = find(module, name), find(donor, name)
    lines = module.decode().splitlines(keepends=True)
    others = donor.decode().splitlines(keepends=True)[new.lineno - 1 : new.end_lineno]
    return "".join([*lines[: old.lineno - 1], *others, *lines[old.end_lineno :]]).encode()


def find(module: bytes, name: str) -> ast.FunctionDef:
    """The function of that name. SystemExit when the module has none."""
    for node in ast.parse(module).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise SystemExit(f"the solutions define no function {name}; examples/make.py must be brought up to date")


def write_zip(path: Path, files: Files) -> None:
    """Write a zip, the same bytes for the same files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)


def write_folder(path: Path, files: Files) -> None:
    """Write files into a folder."""
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content)


def main() -> None:
    """Write the examples into the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Write three example submissions.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    lab = load_lab(ROOT)
    cut = cut_lab(lab)
    perfect, stub = (handed_in(files(cut), lab) for files in (solution_files, student_files))
    write_zip(folder / "perfect.zip", perfect)
    write_zip(folder / "stub.zip", stub)
    write_folder(folder / "half-done", half_done(stub, perfect))
    print(f"wrote {', '.join(sorted(path.name for path in folder.iterdir()))} into {folder}")


if __name__ == "__main__":
    main()
