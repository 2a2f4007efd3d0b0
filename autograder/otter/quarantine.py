"""Takes what was handed in out of otter's reach: contents into a zip only the grader reads, the rest away."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from pathlib import Path

from autograder.handin.naming import is_notebook
from autograder.handin.reading import FileProblem
from autograder.lab import Lab
from autograder.submission.opening import CODE
from autograder.submission.source import Entry, entries

MAX_FILE = 64 << 20
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
LINK = stat.S_IFLNK << 16


def pack(folder: Path, target: Path) -> None:
    """Zip those files of a submission that count, as the intake will read them. Contents, never modes.

    A link is packed as the mark of a link: the intake then says so, and what it points at stays unread.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
        with entries(folder) as found:
            for entry in found:
                if _counts(entry):
                    _add(archive, entry)
        if not archive.namelist():
            archive.writestr(zipfile.ZipInfo("nothing-was-handed-in.txt"), b"")


def _counts(entry: Entry) -> bool:
    plain = not any(set(part) & set("\\\0:") for part in entry.parts)
    return plain and (is_notebook(entry.name) or entry.name.lower().endswith((*CODE, *PICTURES)))


def _add(archive: zipfile.ZipFile, entry: Entry) -> None:
    info = zipfile.ZipInfo("/".join(entry.parts))
    try:
        data = entry.read(MAX_FILE)
    except FileProblem:
        data, info.external_attr = b"", LINK
    archive.writestr(info, data)


def clear(folder: Path) -> None:
    """Delete everything in a folder; links are deleted, not followed."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def trusted_notebook(lab: Lab) -> bytes:
    """A notebook of this assignment without code, for otter to run in the place of the student's."""
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "otter": {"assignment_name": lab.name},
    }
    cells = [_no_answer(question.id) for question in lab.questions if question.written]
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(notebook, indent=1, sort_keys=True) + "\n").encode()


def _no_answer(question: str) -> dict[str, object]:
    """A written answer's cell: `otter run` has lost the student's by the time that anybody is asked."""
    return {
        "cell_type": "markdown",
        "id": question,
        "metadata": {"convlab": {"question": question}},
        "source": "*`otter run` does not read written answers; `convlab grade` and Gradescope do.*",
    }
