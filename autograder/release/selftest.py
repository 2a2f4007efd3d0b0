"""What a release proves before it is written: the reference gets all points, stubs none; stand-ins pass."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.checking.bank import known_mistakes
from autograder.checking.stand_ins import as_answers
from autograder.errors import LabError
from autograder.grade import CheckResult, Grade, Verdict
from autograder.grading import Grader, Options
from autograder.lab import Lab, Question
from autograder.release.archives import archive
from autograder.release.package import Files
from autograder.submission import Submission, open_submission

REFERENCE, STUB = "reference", "stub"
CLEAN = {Verdict.NOT_IMPLEMENTED, Verdict.UNGRADED, Verdict.NOT_RUN}
"""What an untouched stub may earn: anything else means that it does something already, or does not run."""


def handed_in(files: Files, lab: Lab) -> Files:
    """What of a folder a student hands in: the modules and the notebook."""
    return {name: files[name] for name in (*lab.module_files, lab.notebook)}


def self_test(
    lab: Lab, reference: Files, stub: Files, options: Options | None = None
) -> tuple[dict[str, Grade], list[str]]:
    """Grade the reference, the stubs and the stand-ins; the grades of the first two, and what is wrong.

    `reference` and `stub` are the files of the solutions' and of the students' folder. GraderError when the
    grader itself failed.
    """
    both = {REFERENCE: handed_in(reference, lab), STUB: handed_in(stub, lab)}
    grades, problems = _grades(both, lab, replace(options or Options(), diagnose=False))
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
        try:
            problems += [] if problems else [*_stand_ins(lab, grader), *_mistakes(lab, grader)]
        except LabError as error:
            problems.append(
                f"a check itself fails where it should judge stand-ins and known mistakes: {error}"
            )
    return grades, problems


def _stand_ins(lab: Lab, grader: Grader) -> Iterator[str]:
    """How stand-ins fail the checks of their own questions: a wrong one would cost right answers points."""
    for one in as_answers(lab):
        question = one.question.id
        failed = _failed(lab, grader, one.question, one.text)
        for check in (failed or [])[:1]:
            told = (check.detail or check.message).partition("\n")[0]
            names = ", ".join(check.name for check in failed or [])
            yield (
                f"{one.place}: this stand-in fails checks of {question} ({names}): {told}; correct it: "
                f"answers to the questions after {question} are graded with it"
            )


def _mistakes(lab: Lab, grader: Grader) -> Iterator[str]:
    """Known mistakes that pass every check. Those that students' table lists fail a public one."""
    table = json.loads(lab.mistakes.read_text("utf-8")) if lab.mistakes.is_file() else {}
    listed = {entry["text"] for entries in table.values() for entry in entries}
    for one in known_mistakes(lab):
        question = lab.question_of(one.path.parent.name)
        if question is None or one.mistake.text in listed:
            continue
        if _failed(lab, grader, question, one.text) == []:
            told = f"this known mistake passes every check of {question.id}, so it is never named"
            yield f"{one.path}:1: {told}; correct it, add a check that it fails, or remove it"


def _failed(lab: Lab, grader: Grader, question: Question, text: str) -> list[CheckResult] | None:
    """The checks of a question that a module does not pass; None where this run does not grade it."""
    if question.id not in grader.selection:
        return None
    submission = Submission(question.id, {**lab.reference(), question.module: text})
    grade = grader.grade(submission, {question.id})
    return [check for check in grade.question(question.id).checks if check.verdict is not Verdict.PASSED]


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
