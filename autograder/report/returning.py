"""Feedback in the form in which each platform takes it back, with the points where it has a table for them.

| platform | file | what it goes by |
|---|---|---|
| Moodle | `Name_number_assignsubmission_file_/feedback.html`, and a grading worksheet | the number |
| Canvas | the names of the download | user id and file id; it shows the file's old name |
| Blackboard | names of the download; a table for "Work Offline", with the feedback as text | the user name |
| Brightspace | the folders of the download, "Add Feedback Files" | the folder's name |
| ILIAS | `multi_feedback/Last_First_login_number/`, "Multi-feedback upload" | the number |
| mail | a table for mail merge, and the pages | an address, where an id is one |
| Gradescope | `marks.json`, which the autograder reads when it is run again | the submission's number |
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.grade import Grade, Student, Verdict
from autograder.gradebook import Results
from autograder.gradebook.handover import HandedOver, handed_over
from autograder.gradebook.names import CANVAS, FEEDBACK, RETURNED
from autograder.lab import Lab
from autograder.report.people import called, members
from autograder.tables import csv_text, short
from autograder.text import clean, cut, one_line, points

MAX_TEXT = 20_000
TEAM = re.compile(
    r"(?:\w{1,20} )?(?:team|group|gruppe|groupe|grupo|gruppo|equipo|équipe)(?:[ -]?\w{1,12})?", re.I
)
"""What teams are called that have a person's place in Moodle's folders; `Team 3-Jane Doe` is Jane's."""
PEOPLE_ONLY = "a team: its page goes back, its points do not, for Moodle's worksheet has people only"
Content = bytes | str


@dataclass
class Returned:
    """What goes back: files by their path in the results folder, for how many, and for whom not, and why."""

    files: dict[str, Content]
    people: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    next_step: str = ""


@dataclass(frozen=True)
class Sheet:
    """One student's feedback: the page, and the same as text."""

    name: str
    grade: Grade
    student: Student
    page: str
    text: str


def returned(form: str, results: Results, pages: Mapping[str, str], lab: Lab, column: str) -> Returned:
    """Everyone's feedback in one platform's form.

    Args:
        form: one of `FORMS`.
        results: the class, in which no one is there twice (`refuse_twice`).
        pages: the feedback pages, by submission.
        lab: the lab that was graded.
        column: what the platform calls the assignment.
    """
    sheets = [
        Sheet(name, grade, grade.student or Student(), pages[name], feedback_text(grade, lab))
        for name, grade in sorted(results.grades.items())
        if name in pages
    ]
    found = FORMS[form](sheets, lab, column)
    missing = {**results.unreadable, **results.broken, **results.faults}
    found.left_out |= dict.fromkeys(missing, "no grade")
    return found


def feedback_text(grade: Grade, lab: Lab) -> str:
    """What the feedback page says, as short text: points, what students may see of checks, comments."""
    lines = [lab.title, f"Score: {points(grade.score)} of {points(grade.max_score)}"]
    for question in grade.questions:
        scored = "not graded yet" if question.verdict is Verdict.UNGRADED else points(question.score)
        lines.append(f"{question.id} {question.title}: {scored} of {points(question.max_score)}")
        seen = [check for check in question.checks if check.visibility != "hidden" and check.message]
        messages = dict.fromkeys(one_line(check.message) for check in seen if check.verdict != Verdict.PASSED)
        lines += [f"  {cut(message, 400)}" for message in messages]
        lines += [f"  {line}" for line in clean(question.comment).splitlines()]
    lines += [f"{one_line(one.reason)}: {points(one.points)}" for one in grade.adjustments]
    return cut("\n".join(lines), MAX_TEXT) + "\n"


def _zip(files: Iterable[tuple[str, Content]]) -> bytes:
    """A zip that is the same for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _by_platform(sheets: Sequence[Sheet], platform: str) -> tuple[list[Sheet], dict[str, str]]:
    """Those that the platform's download knows, and why the others are left out."""
    fits = [one for one in sheets if one.student.platform == platform and one.student.handed_in_as]
    names = {one.name for one in fits}
    why = f"not from {platform.capitalize()}'s download"
    return fits, {one.name: why for one in sheets if one.name not in names}


def _in_moodle(student: Student) -> str:
    """The folder of a person in Moodle's upload; a download without folders has it before the file's name."""
    found = re.match(r"(?s).*?_\d{1,20}_assignsubmission_file_?", student.handed_in_as)
    return found[0] if found else student.handed_in_as


def _moodle(sheets: Sequence[Sheet], lab: Lab, column: str) -> Returned:
    theirs, left = _by_platform(sheets, "moodle")
    rows = [["Identifier", "Full name", "Grade", "Maximum grade", "Feedback comments"]]
    for one in theirs:
        scored = [points(one.grade.score), points(one.grade.max_score), ""]
        if TEAM.fullmatch(one.student.name) and not one.student.members:
            left[one.name] = PEOPLE_ONLY
            continue
        for member in one.student.members or (one.student,):
            number = member.platform_id or member.id
            rows.append([f"Participant {number}", short(member.name), *scored])
    files = [(f"{_in_moodle(one.student)}/{FEEDBACK}", one.page) for one in theirs]
    pages, table = RETURNED["moodle"]
    return Returned(
        {pages: _zip(files), table: csv_text(rows)},
        len(theirs),
        left,
        "Moodle: Grading action, Upload multiple feedback files in a zip; Upload grading worksheet",
    )


def _canvas(sheets: Sequence[Sheet], lab: Lab, column: str) -> Returned:
    theirs, left = _by_platform(sheets, "canvas")
    files: list[tuple[str, Content]] = []
    for one in theirs:
        name = one.student.handed_in_as
        dressed = next((dress for end, dress in DRESSED.items() if name.lower().endswith(end)), None)
        if dressed is None or name.lower().endswith(("_text.html", "_link.html")):
            left[one.name] = f"Canvas takes no feedback under the name {name}"
        else:
            files.append((name, dressed(one)))
    step = f"Canvas: the assignment, Upload Submissions; points by {CANVAS}"
    (pages,) = RETURNED["canvas"]
    return Returned({pages: _zip(files)}, len(files), left, step)


def _notebook(sheet: Sheet) -> str:
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": f"```\n{sheet.text}```"}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _tar(sheet: Sheet) -> bytes:
    stream, data = io.BytesIO(), sheet.page.encode()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        info = tarfile.TarInfo(FEEDBACK)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


DRESSED: dict[str, Callable[[Sheet], Content]] = {
    ".zip": lambda sheet: _zip([(FEEDBACK, sheet.page)]),
    ".tar.gz": _tar,
    ".tgz": _tar,
    ".html": lambda sheet: sheet.page,
    ".py": lambda sheet: "".join(f"# {line}\n" for line in sheet.text.splitlines()),
    ".ipynb": _notebook,
    ".txt": lambda sheet: sheet.text,
}
"""Feedback as a file of each kind: Canvas shows it under the name that the student's own file had."""


def _blackboard(sheets: Sequence[Sheet], lab: Lab, column: str) -> Returned:
    theirs, left = _by_platform(sheets, "blackboard")
    head = ["Last Name", "First Name", "Username", short(column), "Feedback to Learner", "Feedback Format"]
    rows = [head]
    for one in theirs:
        first, _, last = one.student.name.rpartition(" ")
        own = one.student.platform_id or one.student.id
        text = one.text.replace("\r", "")
        rows.append([short(last), short(first), short(own), points(one.grade.score), text, "PLAIN_TEXT"])
    files = [(f"{one.student.handed_in_as}_{FEEDBACK}", one.page) for one in theirs]
    pages, table = RETURNED["blackboard"]
    step = f"Blackboard: Full Grade Center, Work Offline, Upload {table}"
    return Returned({pages: _zip(files), table: csv_text(rows)}, len(theirs), left, step)


def _brightspace(sheets: Sequence[Sheet], lab: Lab, column: str) -> Returned:
    theirs, left = _by_platform(sheets, "brightspace")
    files = [(f"{one.student.handed_in_as}/{FEEDBACK}", one.page) for one in theirs]
    step = "Brightspace: the assignment's Submissions, Add Feedback Files"
    (pages,) = RETURNED["brightspace"]
    return Returned({pages: _zip(files)}, len(theirs), left, step)


def _ilias(sheets: Sequence[Sheet], lab: Lab, column: str) -> Returned:
    theirs, left = _by_platform(sheets, "ilias")
    files = [
        (f"multi_feedback/{member.handed_in_as}/{FEEDBACK}", one.page)
        for one in theirs
        for member in one.student.members or (one.student,)
    ]
    step = "ILIAS: Submissions and Grades, Multi-Feedback, Upload"
    (pages,) = RETURNED["ilias"]
    return Returned({pages: _zip(files)}, len(theirs), left, step)


def _mail(sheets: Sequence[Sheet], lab: Lab, column: str) -> Returned:
    rows = [["id", "name", "email", "submission", "score", "max_score", "attachment"]]
    files: dict[str, Content] = {}
    (folder,) = RETURNED["mail"]
    for one in sheets:
        attachment = f"{one.name}.html"
        files[f"{folder}/{attachment}"] = one.page
        for member in members(one.name, one.student):
            known = next((text for text in (member.id, member.platform_id) if "@" in text), "")
            who = [short(member.id), short(called(one.name, member)), short(known), short(one.name)]
            rows.append([*who, points(one.grade.score), points(one.grade.max_score), short(attachment)])
    files[f"{folder}/mail.csv"] = csv_text(rows)
    return Returned(files, len(sheets), {}, "mail.csv has a row for each person; attach the page it names")


def _gradescope(sheets: Sequence[Sheet], lab: Lab, column: str) -> Returned:
    theirs, left = _by_platform(sheets, "gradescope")
    marks = {one.student.handed_in_as: handed_over(one.grade) for one in theirs}
    given = {name: mark for name, mark in marks.items() if mark.questions or mark.adjustments}
    text = HandedOver(assignment=lab.name, submissions=given).model_dump_json(by_alias=True, indent=1)
    step = "Gradescope: put marks.json into autograder.zip (zip -j), upload it, Regrade All Submissions"
    (folder,) = RETURNED["gradescope"]
    return Returned({f"{folder}/marks.json": text + "\n"}, len(given), left, step)


FORMS: dict[str, Callable[[Sequence[Sheet], Lab, str], Returned]] = {
    "moodle": _moodle,
    "canvas": _canvas,
    "blackboard": _blackboard,
    "brightspace": _brightspace,
    "ilias": _ilias,
    "gradescope": _gradescope,
    "mail": _mail,
}
