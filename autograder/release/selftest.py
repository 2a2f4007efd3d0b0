"""What a release proves before it is written: the reference gets all points, the stubs get none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.errors import LabError
from autograder.grade import Grade, Verdict
from autograder.grading import Grader, Options
from autograder.lab import Lab
from autograder.release.archives import archive
from autograder.release.package import Files
from autograder.submission import open_submission

REFERENCE, STUB = "reference", "stub"
CLEAN = {Verdict.NOT_IMPLEMENTED, Verdict.UNGRADED, Verdict.NOT_RUN}
"""What an untouched stub may earn: anything else means that it does something already, or does not run."""


def handed_in(files: Files, lab: Lab) -> Files:
    """What of a folder a student hands in: the modules and the notebook."""
    return {name: files[name] for name in (*lab.module_files, lab.notebook)}


def self_test(
    lab: Lab, reference: Files, stub: Files, options: Options | None = None
) -> tuple[dict[str, Grade], list[str]]:
    """Grade the reference and the stubs; the grades, and what is wrong with them.

    `reference` and `stub` are the files of the solutions' and of the students' folder. GraderError when the
    grader itself failed.
    """
    both = {REFERENCE: handed_in(reference, lab), STUB: handed_in(stub, lab)}
    grades, problems = _grades(both, lab, options or Options())
    if problems:
        return grades, problems
    return grades, [*_reference(grades[REFERENCE]), *_stub(grades[STUB])]


def _grades(
    submissions: Mapping[str, Files], lab: Lab, options: Options
) -> tuple[dict[str, Grade], list[str]]:
    """The grades, and how checks failed that should judge. Only the reference is trained."""
    without_training = [question.id for question in lab.auto_graded if not question.training]
    problems = []
    with tempfile.TemporaryDirectory() as folder, Grader(lab, options) as grader:
        grades = {}
        for name, files in submissions.items():
            path = Path(folder) / f"{name}.zip"
            path.write_bytes(archive(files))
            chosen = grader.selection if name == REFERENCE else grader.selection & {*without_training}
            try:
                grades[name] = grader.grade(open_submission(path, lab), chosen)
            except LabError as error:
                problems.append(f"a check itself fails where it should judge the {name}: {error}")
    return grades, problems


def _reference(grade: Grade) -> Iterator[str]:
    yield from (f"the reference, as it is handed in: {note}" for note in grade.notes)
    for question in grade.questions:
        if question.verdict is Verdict.UNGRADED and not question.answer:
            yield f"the reference holds no answer to {question.id}"
        for check in question.checks:
            if check.score < check.max_score and check.verdict is not Verdict.NOT_RUN:
                told = f"{check.message} {check.detail}".strip()
                yield f"the reference fails {question.id}/{check.name} ({check.verdict}): {told}"


def _stub(grade: Grade) -> Iterator[str]:
    for question in grade.questions:
        if question.score:
            yield f"the untouched stub gets {question.score:g} points in {question.id}"
        for check in question.checks:
            if check.verdict not in CLEAN and not check.score:
                yield f"the untouched stub is {check.verdict} in {question.id}/{check.name}: {check.message}"
