"""Forty awkward hand-ins of one class, laid out as each platform's download has them.

`None` as a file's content is a folder with nothing in it.
"""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from handed_in import COMPLETE

Layout = dict[str, bytes | None]
LONG = "Maria de los Ángeles Fernández-Rodríguez y García de la Torre Montenegro Villaseñor "
NAMES = (
    *("Jane Doe", "Jane Doe", "Ann Lee", "Zoë O'Brien-Müller", "D'Arcy McKenna", "Łukasz Żółć", "李小龙"),
    *(
        "محمد علي",
        "Nguyễn Thị Minh Khai",
        "X Æ A-12",
        "R2 D2",
        "Project Group 1",
        "Project Group 12",
        "Group 2",
    ),
    *("Mary-Jane Watson", "Pieter van der Berg", "John Smith, Jr.", "हिन्दी नाम", "José Núñez", "Null None"),
    *(f"{LONG}Santa Cruz", f"{LONG}Santa Clara", f"{LONG}Santa Rosa", "A", "Ö Ö", "Anna Schmidt (2)"),
    *(f"Student {n}" for n in range(26, 40)),
)
LATE, EMPTY, WRONG, TAR, TWO_DEEP, LOOSE, ENVIRONMENT = 3, 5, 6, 8, 9, 10, 11
"""Who is late, or hands in nothing, a picture, a tar, folders in a zip, loose files, an environment."""


@dataclass(frozen=True)
class Person:
    number: int
    name: str
    files: Mapping[str, bytes] = field(hash=False)

    @property
    def user(self) -> str:
        return str(9001 + self.number)

    @property
    def login(self) -> str:
        return f"user_{self.number}" if self.number % 5 == 0 else f"u{self.number}"

    @property
    def readable(self) -> bool:
        return self.number not in (EMPTY, WRONG)


def packed(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(files: Mapping[str, bytes | None], mode: str = "w:gz") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content or b"")
            info.type = tarfile.REGTYPE if content is not None else tarfile.DIRTYPE
            tar.addfile(info, io.BytesIO(content or b""))
    return stream.getvalue()


def class_of_forty() -> list[Person]:
    files: dict[int, Mapping[str, bytes]] = {
        EMPTY: {},
        WRONG: {"photo.png": b"\x89PNG"},
        TAR: {"lab06.tar.gz": tarred(COMPLETE)},
        TWO_DEEP: {"2026_lab06.zip": packed({f"lab/{name}": text for name, text in COMPLETE.items()})},
        LOOSE: COMPLETE,
        ENVIRONMENT: {
            "lab06.zip": packed(
                {
                    **COMPLETE,
                    "venv/pyvenv.cfg": b"home = /usr",
                    **{f"venv/lib/python3/site/{n}/model.py": b"" for n in range(5_100)},
                }
            )
        },
    }
    usual = {"lab06.zip": packed(COMPLETE)}
    return [Person(n, name, files.get(n, usual)) for n, name in enumerate(NAMES)]


# ---- the platforms -----------------------------------------------------------------------------------


def canvas(people: list[Person]) -> Layout:
    """Names lose all that is no letter, digit or underscore. Who handed in nothing typed text."""
    found: Layout = {}
    for person in people:
        plain = "".join(
            c for c in person.name if c.isalnum() or (not c.isascii() and not c.isspace())
        ).lower()
        head = f"{plain}{'_LATE' if person.number == LATE else ''}_{person.user}"
        for n, (name, text) in enumerate(person.files.items()):
            found[f"{head}_{77001 + 20 * person.number + n}_{name}"] = text
        if not person.files:
            found[f"{head}_text.html"] = b"<p>I am ill</p>"
    return found


def moodle(people: list[Person], end: str = "_") -> Layout:
    """A folder for what was handed in, one for text, one for feedback, each with files or nothing."""
    found: Layout = {}
    for person in people:
        head = f"{person.name.replace('_', ' ')}_{person.user}"
        for name, text in person.files.items():
            found[f"{head}_assignsubmission_file{end}/{name}"] = text
        if not person.files:
            found[f"{head}_assignsubmission_file{end}/"] = None
        if person.number % 4 == 0:
            found[f"{head}_assignsubmission_onlinetext{end}/onlinetext.html"] = b"<p>done</p>"
        if person.number % 7 == 0:
            found[f"{head}_assignfeedback_file{end}/model.py"] = b"# my feedback"
    return found


def moodle_now(people: list[Person]) -> Layout:
    """Since 4.1 the folders' names end without an underscore."""
    return moodle(people, "")


def moodle_flat(people: list[Person]) -> Layout:
    return {
        f"{person.name}_{person.user}_assignsubmission_file_{name}": text
        for person in people
        for name, text in (person.files or {"photo.png": b""}).items()
    }


def blackboard(people: list[Person], receipts: bool = True) -> Layout:
    """Loose files; who handed in twice has two attempts; a receipt for each."""
    found: Layout = {}
    for person in people:
        for day in ("18", "20") if person.number % 6 == 0 else ("20",):
            head = f"Lab_6_{person.login}_attempt_2026-11-{day}-10-11-12"
            own = person.files if day == "20" else {"lab06.zip": b"the first try"}
            for name, text in own.items():
                found[f"{head}_{name}"] = text
            receipt = f"Name: {person.name} ({person.login})\nAssignment: Lab_6\nDate Submitted: Friday\n"
            if receipts or not own:
                found[f"{head}.txt"] = f"{receipt}\nFiles:\n\tName: Eve (eve)\n".encode()
    return found


def brightspace(people: list[Person]) -> Layout:
    found: Layout = {"index.html": b"<html></html>"}
    for person in people:
        for when in (
            ("Nov 9, 2026 959 PM", "Nov 20, 2026 1011 AM")
            if person.number % 6 == 0
            else ("Nov 20, 2026 1011 AM",)
        ):
            folder = f"{person.user}-67890 - {person.name} - {when}"
            own = person.files if when.startswith("Nov 20") else {"lab06.zip": b"the first try"}
            for name, text in own.items():
                found[f"{folder}/{name}"] = text
            if not own:
                found[f"{folder}/"] = None
    return found


def _ilias(person: Person) -> str:
    first, _, last = person.name.rpartition(" ")
    return f"{last}_{first or last}_{person.login.replace('_', '')}_{person.user}"


def ilias(people: list[Person]) -> Layout:
    found: Layout = {"Übung 6/Status.xlsx": b""}
    for person in people:
        for name, text in person.files.items():
            found[f"Übung 6/Abgaben/{_ilias(person)}/{name}"] = text
        if not person.files:
            found[f"Übung 6/Abgaben/{_ilias(person)}/"] = None
    return found


def ilias_feedback(people: list[Person]) -> Layout:
    """The structure for feedback: a folder for everyone, handed in or not."""
    root = "multi_feedback_Lab_6_4711"
    return {
        name.replace("Übung 6/Abgaben", root): text
        for name, text in ilias(people).items()
        if "xlsx" not in name
    }


def github(people: list[Person]) -> Layout:
    found: Layout = {}
    for person in people:
        files = COMPLETE if person.readable else person.files
        for name, text in files.items():
            found[f"lab-6-submissions/lab-6-{person.login.replace('_', '-')}/{name}"] = text
        found[f"lab-6-submissions/lab-6-{person.login.replace('_', '-')}/.git/config"] = b""
        found[f"lab-6-submissions/lab-6-{person.login.replace('_', '-')}/README.md"] = b""
    return found


def google(people: list[Person]) -> Layout:
    return {
        f"Lab 6/{person.name}{person.number} - {name}": text
        for person in people
        for name, text in (person.files if person.readable else {"lab06.zip": b"no zip"}).items()
    }


def gradescope(people: list[Person]) -> Layout:
    """The export has no folder for who handed in nothing."""
    metadata = "---\n"
    found: Layout = {}
    for person in people:
        metadata += f"submission_{person.number}:\n  :submitters:\n"
        metadata += f"  - :name: {json.dumps(person.name)}\n    :sid: '{person.user}'\n"
        for name, text in person.files.items():
            found[f"assignment_1_export/submission_{person.number}/{name}"] = text
    return {"assignment_1_export/submission_metadata.yml": metadata.encode(), **found}


PLATFORMS = {
    "canvas": canvas,
    "moodle": moodle,
    "moodle now": moodle_now,
    "moodle flat": moodle_flat,
    "blackboard": blackboard,
    "brightspace": brightspace,
    "ilias": ilias,
    "ilias feedback": ilias_feedback,
    "github": github,
    "google": google,
    "gradescope": gradescope,
}

# ---- as a folder, a zip, a tar -----------------------------------------------------------------------

JUNK: Layout = {
    ".DS_Store": b"",
    "__MACOSX/._x": b"",
    "desktop.ini": b"",
    "Thumbs.db": b"",
    "README.md": b"",
    "notes of the TA.txt": b"",
    "list.csv": b"",
}


def as_folder(path: Path, layout: Layout) -> Path:
    for name, content in layout.items():
        place = path / name
        if content is None:
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return path


def as_zip(path: Path, layout: Layout) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in layout.items():
            archive.writestr(name, content or b"")
    return path


def as_tar(path: Path, layout: Layout) -> Path:
    path.write_bytes(tarred(layout))
    return path


def as_info_zip(path: Path, layout: Layout) -> Path:
    """Names in UTF-8 without the flag that says so; every second has Info-ZIP's extra field."""
    with zipfile.ZipFile(path, "w") as archive:
        for n, (name, content) in enumerate(layout.items()):
            info = zipfile.ZipInfo("x")
            raw = name.encode()
            info.filename = raw.decode("cp437")
            info.flag_bits = 0
            if n % 2:
                body = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + raw
                info.extra = struct.pack("<HH", 0x7075, len(body)) + body
            archive.writestr(_Plain(info), content or b"")
    return path


def _Plain(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    class Plain(zipfile.ZipInfo):
        """A name as bytes of another code page, which `zipfile` itself would mark as UTF-8."""

        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode("cp437"), self.flag_bits

    plain = Plain("x")
    plain.filename, plain.extra, plain.flag_bits = info.filename, info.extra, 0
    return plain
