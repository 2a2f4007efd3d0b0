"""Downloads of a whole class from Gradescope, Canvas and Moodle: whose is what, by their names for files.

Gradescope: `submission_metadata.yml` and a folder `submission_NNN` for each submission that it names. Canvas:
`[name_][LATE_]user_attachment_file` (its lib/content_zipper.rb). Moodle:
`Name_number_assignsubmission_file_/file`, or without folders `Name_number_assignsubmission_file_file`
(its mod/assign/locallib.php). A download may be the zip or that zip unpacked.

Whose a submission is, is decided only by what is at the root of PATH, or of the one folder in it where there
is nothing else, never by what is in a submission. In a folder, what is beside a download's own files, put
there by hand perhaps, is a submission of its own. A zip is closed: modules at its root, or files that are not
named as the platform names them, make it one submission.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from autograder.grade import Student
from autograder.lab import Lab
from autograder.submission.choosing import is_notebook, meant, some
from autograder.submission.finding import ARCHIVES, Tell, find_submissions, is_archive, silent, strays
from autograder.submission.gradescope import FOLDER, METADATA, scalar, submitters
from autograder.submission.opening import (
    Submission,
    deep_enough,
    fit,
    open_submission,
    read_entries,
    submission_id,
)
from autograder.submission.source import (
    DEEP,
    ONE,
    Bounds,
    Entry,
    FileProblem,
    SubmissionError,
    Top,
    entries_within,
    tops,
)

MAX_INNER = 64 << 20
"""Bytes of a zip within a zip: it is read into memory."""
CANVAS = re.compile(
    r"(?:(?!(?:late_)?anon_)(?P<name>\w{1,300}?)_)?(?P<late>late_)?(?P<user>\d{1,20}|anon_[^\W_]{1,40})_"
    r"(?:\d{1,20}_(?P<file>.+)|(?P<text>text|link)\.html)",
    re.IGNORECASE | re.DOTALL,
)
CANVAS_COPY = re.compile(r"-\d+(?=\.[^.]+$)")
"""What Canvas puts into the name of a file that was handed in before."""
MOODLE = re.compile(
    r"(?P<name>.{1,300}?)_(?P<user>\d{1,20})_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)


@dataclass(frozen=True)
class Handed:
    """One submission that was found.

    In a download, `part` is its place in there, `files` lists its own within some bounds, and `note` is what
    should be known of it.
    """

    path: Path
    id: str
    part: str = ""
    student: Student | None = None
    files: Callable[[Bounds], list[Entry]] | None = field(default=None, compare=False)
    note: str = ""

    def open(self, lab: Lab) -> Submission:
        """Read it. SubmissionError when it cannot be read, or holds nothing to grade."""
        if self.files is None:
            submission = open_submission(self.path, lab)
        else:
            place = self.path / self.part
            found = deep_enough(self.files(ONE), partial(self.files, DEEP), lab)
            submission = read_entries(place, _without_zip(place, found, lab), self.id, lab)
        return replace(submission, notes=(*submission.notes, self.note)) if self.note else submission


def find_handed_in(path: Path, lab: Lab, tell: Tell = silent, one: bool = False) -> list[Handed]:
    """Every submission under `path`: those of a platform's download, or else a submission, or several.

    Args:
        path: a folder or zip.
        lab: whose modules are looked for.
        tell: is given sentences about what was passed over.
        one: `path` is one submission, whatever is in it.
    """
    if one:
        return [Handed(path, submission_id(path))]
    try:
        listed = path.is_dir() or path.suffix.lower() == ".zip"
        found = tops(path) if listed else []
    except (SubmissionError, OSError, ValueError):
        found = []  # not a download; whatever it is, the usual way says what is wrong with it
    if download := _in_download(_Root(path, found, not path.is_dir(), lab, tell)):
        return download
    return [Handed(place, submission_id(place)) for place in find_submissions(path, lab, tell)]


@dataclass(frozen=True)
class _Root:
    """What is at the root of PATH, or of the one folder in it; `closed`: it is a zip."""

    path: Path
    tops: Sequence[Top]
    closed: bool
    lab: Lab
    tell: Tell

    @property
    def modules(self) -> int:
        """How many modules are at the root."""
        return len({meant(top.name, self.lab) for top in self.tops if not top.folder} - {None})

    def holds_submission(self, top: Top) -> bool:
        """Whether something is a submission by itself: a folder or an archive."""
        return top.folder or is_archive(top.name)

    def one(self, others: int) -> bool:
        """Whether the modules at the root make it one submission, beside so many others."""
        return self.modules > 1 or (self.modules == 1 and (self.closed or others < 2))


def _in_download(root: _Root) -> list[Handed]:
    """The submissions of a download, here or in the only folder; none where this is no download."""
    if handed := _gradescope(root) or _by_name(root):
        return handed
    mattering = [top for top in root.tops if _matters(top)]
    if len(mattering) == 1 and mattering[0].folder:
        try:
            inner = replace(root, path=root.path / mattering[0].name, tops=mattering[0].tops())
        except SubmissionError:
            return []
        return _gradescope(inner) or _by_name(inner)
    return []


def _matters(top: Top) -> bool:
    """Whether a file could be handed in, or is a folder: a list of names beside them is neither."""
    suffix = Path(top.name).suffix.lower()
    return top.folder or suffix in ARCHIVES or suffix in (".py", ".html") or is_notebook(top.name)


def _beside(root: _Root, others: Iterable[Top], count: int) -> Iterator[Handed]:
    """What is beside a download's own files: each a submission, so that no one's work is passed over."""
    loose = []
    for top in sorted(others, key=lambda top: top.name):
        if root.holds_submission(top):
            yield Handed(root.path, submission_id(Path(top.name)), top.name, None, top.files)
        else:
            loose.append(top.name)
    if stray := strays(root.path, loose, count, root.lab):
        root.tell(stray)


# ---- Canvas and Moodle -----------------------------------------------------------------------------


def _by_name(root: _Root) -> list[Handed]:
    """The submissions of a download whose files' names say whose they are."""
    mattering = [top for top in root.tops if _matters(top)]
    for pattern in (MOODLE, CANVAS):
        matches = [(top, match) for top in mattering if (match := _named(pattern, top))]
        others = [top for top in mattering if not _named(pattern, top)]
        if not matches or len(matches) <= len(others) or root.one(len(matches)):
            continue
        if root.closed and any(not is_archive(top.name) for top in others):
            continue
        return [*_of_students(root, pattern, matches), *_beside(root, others, len(matches))]
    return []


def _named(pattern: re.Pattern[str], top: Top) -> re.Match[str] | None:
    return pattern.fullmatch(top.name) if pattern is MOODLE or not top.folder else None


def _of_students(
    root: _Root, pattern: re.Pattern[str], matches: Iterable[tuple[Top, re.Match[str]]]
) -> Iterator[Handed]:
    students: dict[str, Student] = {}
    files: dict[str, list[tuple[Top, re.Match[str]]]] = {}
    for top, match in matches:
        user = match["user"]
        late = pattern is CANVAS and match["late"] is not None
        platform = "canvas" if pattern is CANVAS else "moodle"
        name = scalar((match["name"] or "").strip("_"))
        student = Student(id=user, name=name, late=late, platform=platform, platform_id=user)
        students.setdefault(user, student)
        files.setdefault(user, []).append((top, match))
    for user, student in sorted(students.items(), key=lambda pair: (pair[1].name, pair[0])):
        name = fit("_".join(part for part in (student.name, user) if part))
        yield Handed(root.path, name, name, student, partial(_own, pattern, files[user]))


def _own(
    pattern: re.Pattern[str], theirs: Sequence[tuple[Top, re.Match[str]]], bounds: Bounds
) -> list[Entry]:
    """The files as the student named them; none for text that was typed into the platform."""
    found: list[Entry] = []
    for top, match in theirs:
        name = match["file"] or ""
        if pattern is CANVAS and name:
            named = CANVAS_COPY.sub("", name)
            found += [replace(entry, parts=(named,)) for entry in top.files(bounds)]
        elif pattern is MOODLE and match["kind"] == "file":
            own = () if top.folder else (name or "file",)
            found += [replace(entry, parts=own or entry.parts) for entry in top.files(bounds)]
    return found


# ---- Gradescope ------------------------------------------------------------------------------------


def _gradescope(root: _Root) -> list[Handed]:
    """The submissions of an export; one whose folder is missing is refused when it is opened."""
    metadata = next((top for top in root.tops if top.name == METADATA and not top.folder), None)
    folders = {top.name: top for top in root.tops if top.folder and FOLDER.fullmatch(top.name)}
    if metadata is None or not folders or root.one(len(folders)):
        return []
    known, note = _known(root, metadata)
    found = []
    for folder in [*known, *(name for name in folders if name not in known)]:
        student = known.get(folder)
        parts = (student.name, student.id or folder) if student else ("", folder)
        name = fit("_".join(part for part in parts if part))
        files = folders[folder].files if folder in folders else _none
        found.append(Handed(root.path, name, folder, student, files, "" if student else note))
    others = [top for top in root.tops if top.name not in folders and top is not metadata]
    return [*found, *_beside(root, others, len(found))]


def _known(root: _Root, metadata: Top) -> tuple[dict[str, Student], str]:
    """The students by folder, and a note for the rows of those who are not among them."""
    try:
        known, problem = submitters(metadata.files(ONE)[0].read)
    except FileProblem as error:
        known, problem = {}, str(error)
    if problem:
        root.tell(f"{root.path / METADATA}: {problem}; students it does not name have their folder's name")
    return known, f"{METADATA} does not say whose this is{f' ({problem})' if problem else ''}."


def _none(bounds: Bounds) -> list[Entry]:
    return []


# ---- zips within -----------------------------------------------------------------------------------


def _without_zip(place: Path, files: Sequence[Entry], lab: Lab) -> Sequence[Entry]:
    """The files themselves, or those in the one zip that was handed in."""
    if not files:
        raise SubmissionError(f"{place}: no file was handed in")
    if any(meant(entry.name, lab) or is_notebook(entry.name) for entry in files):
        return files
    zips = [entry for entry in files if entry.name.lower().endswith(".zip")]
    if len(zips) > 1:
        names = some([entry.shown for entry in zips])
        raise SubmissionError(f"{place}: holds {len(zips)} zips ({names}); keep exactly one of them")
    if not zips:
        return files
    inner = place / zips[0].shown
    try:
        data = zips[0].read(MAX_INNER)
    except FileProblem as problem:
        raise SubmissionError(f"{inner}: {problem}") from None
    return deep_enough(entries_within(inner, data), partial(entries_within, inner, data, DEEP), lab)
