"""Whose is what in a platform's download, by the names that the platform gave to files and folders.

Each reader gets what is at the root of a download and says of each entry whose it is, or None where the
name is not the platform's. A name that can be read in two ways is settled by the ids that are known (the
roster's), by the other names of the same download, or else it is left open and said.

| platform | names |
|---|---|
| Moodle | `Name_number_assignsubmission_file_/`, or without folders `.._assignsubmission_file_file` |
| Canvas | `name[_LATE]_user_file-id_file`, `anon_id_file-id_file`, `name_user_text.html` |
| Blackboard | `Assignment_user_attempt_2026-11-20-10-11-12_file`, and `..-12.txt`, the receipt |
| Brightspace | `user-folder - Name - date/`, or without folders `user-folder - Name - date - file` |
| ILIAS | `Last_First_login_number/`, in `Team number/` where teams hand in |
| GitHub Classroom | `assignment-user/`, clones in a folder `assignment-submissions` |
| Google Classroom | `Name - file` |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from autograder.grade import Student
from autograder.handin.reading import FileProblem
from autograder.submission.gradescope import scalar
from autograder.submission.source import ONE, Top
from autograder.text import some

MAX_RECEIPT = 64 << 10


@dataclass(frozen=True)
class Claim:
    """What the name of a file or folder says.

    Args:
        key: the same for all that is one person's.
        student: as far as the name says it; its id is "" where that is open.
        file: what the student called a file; "" of a folder, in which files have their own names.
        holds: False for what cannot be graded: typed text, feedback, a receipt.
        attempt: what sorts several attempts of one person; None where there is one only.
        label: what the submission is to be called, where that is not name and id.
        question: what is not sure, and what settles it.
        refused: why it must not be graded before a person has looked.
        strip: so many folders above a file are the platform's.
        feedback: it is what was given back, no hand-in.
    """

    key: str
    student: Student
    file: str = ""
    holds: bool = True
    attempt: str | None = None
    label: str = ""
    question: str = ""
    refused: str = ""
    strip: int = 0
    feedback: bool = False


Claims = list[Claim | None]


def _student(platform: str, own: str, name: str, handle: str, late: bool = False) -> Student:
    own, handle = scalar(own), scalar(handle)
    return Student(
        id=own, name=scalar(name), late=late, platform=platform, platform_id=own, handed_in_as=handle
    )


# ---- Moodle ----------------------------------------------------------------------------------------

MOODLE = re.compile(
    r"(?P<name>.{1,300}?)_(?P<user>\d{1,20})_assign(?P<type>submission|feedback)_(?P<kind>[a-z]+)"
    r"(?:_(?P<file>.*))?",
    re.DOTALL,
)


def moodle(tops: Sequence[Top], known: Collection[str]) -> Claims:
    """Its mod/assign/classes/downloader.php; a team's folder has the team's name and number."""
    return [_moodle(top) for top in tops]


def _moodle(top: Top) -> Claim | None:
    if (match := MOODLE.fullmatch(top.name)) is None:
        return None
    user, holds = match["user"], match["type"] == "submission" and match["kind"] == "file"
    student = _student("moodle", user, match["name"], top.name)
    file = "" if top.folder else match["file"] or "file"
    return Claim(user, student, file, holds, feedback=match["type"] == "feedback")


# ---- Canvas ----------------------------------------------------------------------------------------

TEXT = re.compile(
    r"(?P<before>.+)_(?P<user>\d{1,20}|anon_[^\W_]{1,40})_(?:text|link)\.html", re.DOTALL | re.I
)
ANONYMOUS = re.compile(
    r"(?P<late>late_)?(?P<user>anon_[^\W_]{1,40})_(?P<late2>late_)?(?:(?P<id>\d{1,20})_(?P<file>.+)|(?:text|link)\.html)",
    re.DOTALL | re.I,
)
COPY = re.compile(r"-\d+(?=\.[^.]+$)")
"""What Canvas puts into the name of a file that was handed in before."""


@dataclass(frozen=True)
class _Reading:
    """One way to read a Canvas name."""

    name: str
    late: bool
    user: str
    file_id: str
    file: str


def canvas(tops: Sequence[Top], known: Collection[str]) -> Claims:
    """Its lib/content_zipper.rb. A name may end in a number, and a file's may begin with one."""
    readings = [[] if top.folder else _readings(top.name) for top in tops]
    sure = [one[0] for one in readings if len(one) == 1]
    files = Counter(reading.file_id for one in readings for reading in one if reading.file_id)
    return [
        _canvas(top.name, _settled(one, sure, files, known), known) if one else None
        for top, one in zip(tops, readings, strict=True)
    ]


def _readings(name: str) -> list[_Reading]:
    """Every way to read a name: a name first, then two numbers in a row. LATE leaves one way only."""
    if match := ANONYMOUS.fullmatch(name):
        late = bool(match["late"] or match["late2"])
        return [_Reading("", late, match["user"], match["id"] or "", match["file"] or "")]
    if match := TEXT.fullmatch(name):
        before = re.sub(r"_late$", "", match["before"], flags=re.I)
        return [_Reading(before, before != match["before"], match["user"], "", "")]
    parts = name.split("_")
    found = []
    for n in range(1, len(parts) - 2):
        if (
            _number(parts[n])
            and _number(parts[n + 1])
            and "".join(parts[:n])
            and len("_".join(parts[:n])) <= 300
        ):
            late = n > 1 and parts[n - 1].lower() == "late"
            own = "_".join(parts[: n - late])
            found.append(_Reading(own, late, parts[n], parts[n + 1], "_".join(parts[n + 2 :])))
    found = [reading for reading in found if reading.file]
    return [reading for reading in found if reading.late][:1] or found


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 20


def _settled(
    readings: Sequence[_Reading], sure: Sequence[_Reading], files: Mapping[str, int], known: Collection[str]
) -> Sequence[_Reading]:
    """The readings that are left by what is known: people, ids of files (each is one file's), lengths."""
    people = {(reading.name, reading.user) for reading in sure}
    lengths = {(len(reading.user), len(reading.file_id)) for reading in sure}
    tests: tuple[Callable[[_Reading], bool], ...] = (
        lambda one: one.user in known,
        lambda one: (one.name, one.user) in people,
        lambda one: files[one.file_id] <= 1,
        lambda one: (len(one.user), len(one.file_id)) in lengths,
    )
    for fits in tests:
        left = [reading for reading in readings if fits(reading)]
        if len(left) == 1:
            return left
    return readings


def _told(known: Collection[str], label: str) -> str:
    """Whom a roster names for a row by the row's own name; "" where it does not."""
    return known[label].id if isinstance(known, Mapping) and label in known else ""


def _canvas(name: str, readings: Sequence[_Reading], known: Collection[str]) -> Claim:
    first = readings[0]
    label = f"{first.name}_{first.user}_{first.file_id}"
    if len(readings) > 1 and (chosen := [one for one in readings if one.user == _told(known, label)]):
        # the row keeps the name by which the roster calls it
        return replace(_canvas(name, chosen[:1], known), label=label)
    file = COPY.sub("", first.file)
    if len(readings) == 1:
        student = _student("canvas", first.user, first.name.strip("_"), name, first.late)
        return Claim(first.user, student, file, bool(first.file_id))
    users = " or ".join(reading.user for reading in readings)
    question = f"{scalar(name)}: whose it is is open: user {users}; name the right one in --roster"
    student = _student("canvas", "", first.name, name, first.late)
    return Claim(f"?{label}", student, COPY.sub("", readings[-1].file), True, label=label, question=question)


# ---- Blackboard ------------------------------------------------------------------------------------

BLACKBOARD = re.compile(
    r"(?P<head>.{1,500}?)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<receipt>\.txt))", re.DOTALL
)
NAME = re.compile(r"Name:(?P<name>.*)\((?P<user>[^()]+)\)")
"""The user name is in the last brackets of the line: a name may have some of its own."""


def blackboard(tops: Sequence[Top], known: Collection[str]) -> Claims:
    """Files of all attempts; a user name follows the assignment's name, and each can hold underscores.

    The receipt of an attempt has the user name and the full name. Without it the names of all are compared.
    """
    matches = [None if top.folder else BLACKBOARD.fullmatch(top.name) for top in tops]
    receipts: dict[str, tuple[str, str]] = {}
    for top, match in zip(tops, matches, strict=True):
        if (
            match
            and match["receipt"]
            and match["head"] not in receipts
            and (found := _receipt(top, match["head"]))
        ):
            receipts[match["head"]] = found
    heads = list(dict.fromkeys(match["head"] for match in matches if match))
    users = _users(heads, {head: user for head, (_, user) in receipts.items()}, known)
    claims: Claims = []
    for match in matches:
        if match is None:
            claims.append(None)
            continue
        head, user = match["head"], users.get(match["head"], "")
        name = receipts[head][0] if head in receipts else ""
        student = _student("blackboard", user, name, f"{head}_attempt_{match['when']}")
        student = student.model_copy(update={"submitted": _iso(match["when"])})
        claim = Claim(head, student, match["file"] or "", not match["receipt"], match["when"])
        if user and user == _told(known, head):
            claim = replace(claim, label=head)  # the name by which the roster calls the row
        if not user:
            question = "which part is the user name is open; keep the .txt receipts or name it in --roster"
            claim = replace(claim, label=head, question=f"{scalar(head)}: {question}")
        claims.append(claim)
    return claims


def _receipt(top: Top, head: str) -> tuple[str, str] | None:
    """The full name and the user name of a receipt, where they are those of the file's own name."""
    try:
        text = top.files(ONE)[0].read(MAX_RECEIPT).decode("utf-8-sig", "replace")
    except FileProblem:
        return None
    found = NAME.match(text.lstrip().partition("\n")[0].strip())
    if found and head.endswith(f"_{found['user']}"):
        return found["name"].strip(), found["user"]
    return None


def _users(heads: Sequence[str], sure: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
    """The user names by head, where they are sure."""
    users = dict(sure)
    assignments = {head.removesuffix(f"_{user}") for head, user in sure.items()}
    if not assignments:
        shared = _begun_alike(heads)
        assignments = {shared[:n] for n, sign in enumerate(shared) if sign == "_" and n}
    for head in heads:
        if head not in users:
            ways = {head[len(one) + 1 :] for one in assignments if head.startswith(f"{one}_")} - {""}
            told = {_told(known, head)} & ways
            ways = told or (ways if len(ways) == 1 else {way for way in ways if way in known})
            if len(ways) == 1:
                users[head] = ways.pop()
    return users


def _begun_alike(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    low, high = min(texts, default=""), max(texts, default="")
    same = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
    return low[:same]


# ---- Brightspace -----------------------------------------------------------------------------------

DATE = r"[^-/]{0,24}\b\d{4}\b[^-/]{0,16}"
BRIGHTSPACE = re.compile(
    r"(?P<user>\d{1,20})-(?P<folder>\d{1,20}) - (?P<name>.{1,300}?) - "
    rf"(?P<when>{DATE})(?: - (?P<file>.+))?",
    re.DOTALL,
)
FORMS: tuple[str, ...] = (
    "%b %d, %Y %I%M %p",
    "%B %d, %Y %I%M %p",
    "%d %B, %Y %H%M",
    "%d %b, %Y %H%M",
    "%d %B %Y %H%M",
)
FORMS += ("%d %b %Y %H%M", "%b %d, %Y %H%M", "%B %d, %Y %H%M", "%Y %m %d %H%M", "%d %B, %Y %I%M %p")


def brightspace(tops: Sequence[Top], known: Collection[str]) -> Claims:
    """A folder for each time that someone handed in. Of the numbers the first is the person's."""
    return [_brightspace(top) for top in tops]


def _brightspace(top: Top) -> Claim | None:
    if not top.folder and top.name.lower() == "index.html":
        return Claim("", Student(), holds=False)
    match = BRIGHTSPACE.fullmatch(top.name)
    if match is None or bool(match["file"]) == top.folder:
        return None
    handle = top.name.removesuffix(f" - {match['file']}") if match["file"] else top.name
    when = _sorted_date(match["when"])
    student = _student("brightspace", match["user"], match["name"], handle)
    student = student.model_copy(update={"submitted": _iso(when)})
    return Claim(match["user"], student, match["file"] or "", True, when)


def _iso(when: str) -> str:
    """`2026-11-20-10-11-12` in ISO 8601, or "" where it is no date."""
    parts = when.split("-")
    return "" if when.startswith("?") else f"{'-'.join(parts[:3])}T{':'.join([*parts[3:], '00'][:3])}"


def _sorted_date(text: str) -> str:
    """A date as text that sorts, or as it is where it has none of the known forms."""
    plain = text.replace(":", "").replace(".", "").strip()
    padded = re.sub(r"\b(\d)(\d\d)(?= [AP]M$)", r"0\1\2", plain, flags=re.I)
    for form in FORMS:
        try:
            return datetime.strptime(padded, form).strftime("%Y-%m-%d-%H-%M")
        except ValueError:
            continue
    return f"?{plain}"


# ---- ILIAS -----------------------------------------------------------------------------------------

ILIAS = re.compile(r"(?P<names>[^_].*)_(?P<user>\d{1,20})", re.DOTALL)
FULL = re.compile(r"(?:[^_\d]+_){2}[^_]+_\d{1,20}", re.DOTALL)
"""Last name, first name, login and number."""
TEAM = re.compile(r"Team[ _](?P<number>\d{1,20})", re.I)
CONTAINERS = re.compile(r"abgaben|submissions|multi_feedback_.*", re.I | re.DOTALL)
"""What it calls the folder of everyone's folders."""


def ilias(tops: Sequence[Top], inside: bool) -> Claims:
    """Its ilExSubmission: downloads of all submissions, alone or in teams, and the folders for feedback.

    `inside` a folder of its own name, all that fits is a person; elsewhere only several of the full form are.
    """
    claims = [_in_team(top) or _ilias(top) for top in tops]
    full = [
        top
        for top, claim in zip(tops, claims, strict=True)
        if claim and (FULL.fullmatch(top.name) or claim.strip)
    ]
    return claims if inside or len(full) > 1 else [None] * len(tops)


def _ilias(top: Top) -> Claim | None:
    match = ILIAS.fullmatch(top.name) if top.folder else None
    if match is None or match["names"].count("_") < 1:
        return None
    last, first, *rest = match["names"].split("_")
    name = " ".join([first, last]) if len(rest) <= 1 else match["names"].replace("_", " ")
    student = _student("ilias", match["user"], name, top.name)
    return Claim(match["user"], student, label=top.name)


def _in_team(top: Top) -> Claim | None:
    """A team's folder holds one for each member, of which one or more hold files."""
    if not top.folder or not (match := TEAM.fullmatch(top.name)):
        return None
    members = [claim.student for inner in top.tops() if (claim := _ilias(inner))]
    if not members:
        return None
    own = "+".join(member.id for member in members)
    name = " and ".join(member.name for member in members)
    team = _student("ilias", own, name, top.name)
    team = team.model_copy(update={"members": tuple(members)})
    return Claim(f"team {match['number']}", team, label=top.name, strip=1)


# ---- Google Classroom and GitHub Classroom ---------------------------------------------------------

Meant = Callable[[str], str | None]
"""Says what a file is by its name."""
ARCHIVE = "an archive"
GOOGLE = re.compile(r"(?P<name>[^/]{1,200}?) - (?P<file>[^/]+)", re.DOTALL)


def google(tops: Sequence[Top], meant: Meant) -> Claims:
    """Copies that it made for students have their name before the title; Drive knows no other id.

    Two people of one name look like one, so files of a name that no one hands in together are asked about.
    `meant` says what a file is by its name: a module, the notebook, `ARCHIVE`; None of any other.
    """
    matches = [None if top.folder else GOOGLE.fullmatch(top.name) for top in tops]
    files: dict[str, list[str]] = {}
    for match in matches:
        if match:
            files.setdefault(match["name"], []).append(match["file"])
    if len(files) < 2:
        return [None] * len(tops)
    refused = {name: _perhaps_of_two(name, theirs, meant) for name, theirs in files.items()}
    return [
        _google(match["name"], match["file"], refused[match["name"]]) if match else None for match in matches
    ]


def _google(name: str, file: str, refused: str) -> Claim:
    return Claim(name, _student("google", "", name, name), file, label=name, refused=refused)


def _perhaps_of_two(name: str, files: Sequence[str], meant: Meant) -> str:
    """What to ask where two files of a name are the same, or one is an archive, which holds all; or ""."""
    kinds = [meant(file) or DRIVE_COPY.sub("", file) for file in files]
    same = Counter(kinds)
    open_ = [
        f"{name} - {file}"
        for file, kind in zip(files, kinds, strict=True)
        if same[kind] > 1 or (same[ARCHIVE] and len(files) > 1)
    ]
    if not open_:
        return ""
    return (
        f"{len(open_)} files ({scalar(some(open_))}): two people of that name, or two versions; "
        "put what is one person's into a folder of its own"
    )


DRIVE_COPY = re.compile(r" ?\(\d{1,3}\)(?=\.[^.]+$)")
"""What Drive puts into the name of a second file of one name."""
SUBMISSIONS = re.compile(r"(?P<assignment>.+)-submissions", re.DOTALL)
"""The folder into which GitHub Classroom's clones go."""


def github(tops: Sequence[Top], assignment: str) -> Claims:
    """Clones as `gh classroom clone student-repos` leaves them, in a folder named after the assignment."""
    claims: Claims = []
    for top in tops:
        user = top.name.removeprefix(f"{assignment}-") if top.folder else ""
        if not user or user == top.name:
            claims.append(None)
            continue
        claims.append(Claim(user, _student("github", user, "", top.name), label=user))
    return claims
