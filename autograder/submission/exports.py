"""Downloads of a whole class from Gradescope, Canvas and Moodle: whose is what, by their names for files.

Gradescope: `submission_metadata.yml` and a folder for each submission that it names, at the top or one folder
down. Canvas: `name[_LATE]_user_attachment_file`, all at the top (its lib/content_zipper.rb). Moodle:
`Name_number_assignsubmission_file_/file`, or without folders `Name_number_assignsubmission_file_file`
(its mod/assign/locallib.php). A download may be the zip or that zip unpacked. What is beside such files,
put there by hand perhaps, is a submission of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.grade import Student
from autograder.lab import Lab
from autograder.submission.choosing import is_notebook, meant, some
from autograder.submission.finding import ARCHIVES, find_submissions
from autograder.submission.gradescope import METADATA, submitters
from autograder.submission.opening import Submission, fit, open_submission, read_entries, submission_id
from autograder.submission.source import (
    Entry,
    FileProblem,
    SubmissionError,
    entries_of_many,
    entries_within,
)

MAX_INNER = 64 << 20
"""Bytes of a zip within a zip: it is read into memory."""
CANVAS = re.compile(
    r"(?P<name>\w*?)(?P<late>_late)?_?(?P<user>\d+|anon_[^\W_]+)_(?:\d+_(?P<file>.+)|(?P<text>text|link)\.html)",
    re.IGNORECASE,
)
CANVAS_COPY = re.compile(r"-\d+(?=\.[^.]+$)")
"""What Canvas puts into the name of a file that was handed in before."""
MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")


@dataclass(frozen=True)
class Handed:
    """One submission that was found. In a download, `part` is its place in there and `files` are its own."""

    path: Path
    id: str
    part: str = ""
    student: Student | None = None
    files: tuple[Entry, ...] | None = None

    def open(self, lab: Lab) -> Submission:
        """Read it. SubmissionError when it cannot be read, or holds nothing to grade."""
        if self.files is None:
            return open_submission(self.path, lab)
        place = self.path / self.part
        return read_entries(place, _without_zip(place, self.files, lab), self.id, lab)


def find_handed_in(path: Path, lab: Lab) -> list[Handed]:
    """Every submission under `path`: those of a platform's download, or else a submission, or several."""
    try:
        listed = path.is_dir() or path.suffix.lower() == ".zip"
        found = entries_of_many(path) if listed else []
    except (SubmissionError, OSError):
        found = []  # not a download; whatever it is, the usual way says what is wrong with it
    return _in_download(path, found, lab) or [
        Handed(one, submission_id(one)) for one in find_submissions(path, lab)
    ]


def _in_download(path: Path, found: Sequence[Entry], lab: Lab) -> list[Handed]:
    if lists := [entry for entry in found if entry.name == METADATA and len(entry.parts) <= 2]:
        exports = [handed for entry in lists for handed in _gradescope(path, entry, found)]
        return [*exports, *_beside(path, _outside(lists, found), lab)]
    handed = [entry for entry in found if _matters(entry, lab)]
    for pattern in (MOODLE, CANVAS):
        if _most(pattern, handed):
            others = [entry for entry in handed if not _named(pattern, entry)]
            return [*_by_name(pattern, path, found), *_beside(path, others, lab)]
    return []


def _most(pattern: re.Pattern[str], handed: Sequence[Entry]) -> bool:
    """Whether more than half of what is at the top is named as a platform does."""
    named = {entry.parts[0]: bool(_named(pattern, entry)) for entry in handed}
    return 2 * sum(named.values()) > len(named)


def _outside(lists: Sequence[Entry], found: Sequence[Entry]) -> Iterator[Entry]:
    """What is beside Gradescope's exports, or in one but in no submission's folder."""
    taken = {entry.folder for entry in lists}
    for entry in found:
        if entry.folder in taken:
            yield replace(entry, parts=(entry.name,))
        elif not any(entry.parts[: len(folder)] == folder for folder in taken):
            yield entry


def _beside(path: Path, others: Iterable[Entry], lab: Lab) -> Iterator[Handed]:
    """What is beside a download's own files: each a submission, so that no one's work is passed over."""
    files: dict[str, list[Entry]] = {}
    for entry in others:
        if entry.folder:
            files.setdefault(entry.parts[0], []).append(replace(entry, parts=entry.parts[1:]))
        elif Path(entry.name).suffix.lower() in (*ARCHIVES, ".py") or is_notebook(entry.name):
            files.setdefault(entry.name, []).append(entry)
    for name in sorted(files):
        yield Handed(path, submission_id(Path(name)), name, None, tuple(files[name]))


def _matters(entry: Entry, lab: Lab) -> bool:
    """Whether a file could be handed in, or is in a folder: a list of names beside them is neither."""
    name = entry.name
    suffix = Path(name).suffix.lower()
    return bool(entry.folder) or suffix in ARCHIVES or is_notebook(name) or suffix in (".py", ".html")


def _named(pattern: re.Pattern[str], entry: Entry) -> re.Match[str] | None:
    return pattern.fullmatch(entry.parts[0]) if pattern is MOODLE or not entry.folder else None


# ---- Canvas and Moodle -----------------------------------------------------------------------------


def _by_name(pattern: re.Pattern[str], path: Path, found: Sequence[Entry]) -> Iterator[Handed]:
    """The submissions of a download whose files' names say whose they are."""
    students: dict[str, Student] = {}
    files: dict[str, list[Entry]] = {}
    for entry in found:
        if match := _named(pattern, entry):
            user = match["user"]
            late = pattern is CANVAS and match["late"] is not None
            platform = "canvas" if pattern is CANVAS else "moodle"
            student = Student(
                id=user, name=match["name"].strip("_"), late=late, platform=platform, platform_id=user
            )
            students.setdefault(user, student)
            files.setdefault(user, []).extend(_own(pattern, match, entry))
    for user, student in sorted(students.items(), key=lambda pair: (pair[1].name, pair[0])):
        name = fit("_".join(part for part in (student.name, user) if part))
        yield Handed(path, name, name, student, tuple(files[user]))


def _own(pattern: re.Pattern[str], match: re.Match[str], entry: Entry) -> Iterator[Entry]:
    """The file as the student named it; none for text that was typed into the platform."""
    if pattern is CANVAS and match["file"]:
        yield replace(entry, parts=(CANVAS_COPY.sub("", match["file"]),))
    elif pattern is MOODLE and match["kind"] == "file":
        yield replace(entry, parts=entry.parts[1:] or (match["file"],))


# ---- Gradescope ------------------------------------------------------------------------------------


def _gradescope(path: Path, metadata: Entry, found: Sequence[Entry]) -> Iterator[Handed]:
    """The submissions that the metadata names; one without a folder is reported when it is opened."""
    folders: dict[str, list[Entry]] = {}
    for entry in found:
        above, rest = entry.parts[: len(metadata.folder)], entry.parts[len(metadata.folder) :]
        if above == metadata.folder and len(rest) > 1:
            folders.setdefault(rest[0], []).append(replace(entry, parts=rest[1:]))
    try:
        known = submitters(metadata.read)
    except FileProblem as problem:
        raise SubmissionError(f"{path}: {metadata.shown}: {problem}") from None
    for folder in [*known, *sorted(folders.keys() - known.keys())]:
        student = known.get(folder)
        parts = (student.name, student.id or folder) if student else ("", folder)
        name = fit("_".join(part for part in parts if part))
        yield Handed(path, name, folder, student, tuple(folders.get(folder, ())))


# ---- zips within -----------------------------------------------------------------------------------


def _without_zip(place: Path, files: Sequence[Entry], lab: Lab) -> Sequence[Entry]:
    """The files themselves, or those in the one zip that was handed in."""
    if not files:
        raise SubmissionError(f"{place}: no file was handed in")
    if any(meant(entry.name, lab) or is_notebook(entry.name) for entry in files if _high(entry)):
        return [entry for entry in files if _high(entry)]
    zips = [entry for entry in files if entry.name.lower().endswith(".zip")]
    if len(zips) > 1:
        names = some([entry.shown for entry in zips])
        raise SubmissionError(f"{place}: holds {len(zips)} zips ({names}); keep exactly one of them")
    if not zips:
        return files
    try:
        return entries_within(place / zips[0].shown, zips[0].read(MAX_INNER))
    except FileProblem as problem:
        raise SubmissionError(f"{place / zips[0].shown}: {problem}") from None


def _high(entry: Entry) -> bool:
    return len(entry.parts) <= 2
