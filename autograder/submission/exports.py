"""Downloads of a whole class, and folders and archives of many submissions: whose is what.

Gradescope: `submission_metadata.yml` and a folder `submission_NNN` for each submission that it names. The
other platforms say it by the names of files and folders, see `platforms`. A download may be the archive or
that archive unpacked.

Whose a submission is, is decided only by what is at the root of PATH, or of the one folder in it where there
is nothing else, never by what is in a submission. What is beside a download's own files, put there by hand
perhaps, is a submission of its own. An archive is closed: modules at its root make it one submission.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from autograder.grade import Student
from autograder.handin.naming import is_copy, is_notebook
from autograder.handin.reading import MAX_NOTEBOOK, FileProblem
from autograder.lab import Lab
from autograder.submission import platforms
from autograder.submission.choosing import chosen, counts, holds_module, is_archive, meant
from autograder.submission.finding import (
    Tell,
    find_submissions,
    is_beside,
    loose_files,
    one_by_its_modules,
    silent,
    why_loose,
)
from autograder.submission.gradescope import FOLDER, METADATA, submitters
from autograder.submission.opening import (
    Files,
    Submission,
    deep_enough,
    fit,
    read_entries,
    submission_id,
    without_ending,
)
from autograder.submission.platforms import Claim, Claims
from autograder.submission.source import (
    DEEP,
    MANY,
    ONE,
    Bounds,
    Entry,
    SubmissionError,
    Top,
    entries,
    entries_within,
    tops,
)
from autograder.text import printable, some

MAX_INNER = 64 << 20
"""Bytes of an archive within another: it is read into memory."""
TYPED = "no file was handed in; text that was typed into the platform is not graded"
GIVEN_BACK = "no file was handed in; there is only feedback that was given back"
MOST_ARCHIVES = 4
"""So many archives beside other files of a hand-in are looked into."""
NOTEBOOK = "the notebook"
LEVELS = 2
"""So many archives may be around a hand-in, one in the other: their own, and the one that a tool made."""
STRAYS = 10
"""One module at the root of an archive is a stray where so many others are beside it."""
SEVERAL = 3
"""So many folders with modules, or `ARCHIVES` archives, and no module beside them are a class."""
ARCHIVES = 2


@dataclass(frozen=True)
class Handed:
    """One submission that was found.

    In a download, `part` is its place in there, `files` lists its own within some bounds, and `note` is what
    should be known of it. `problem` is why it cannot be read, where that is known already.
    """

    path: Path
    id: str
    part: str = ""
    student: Student | None = None
    files: Callable[[Bounds], list[Entry]] | None = field(default=None, compare=False)
    note: str = ""
    problem: str = ""

    @property
    def place(self) -> str:
        """What tells it from others of its id: the names of two folders above it and its own.

        It is the same whether a class is a folder or an archive.
        """
        path = self.path.absolute()
        above = path if self.part else path.parent
        names = (above.parent.name, above.name)
        return "/".join(filter(None, (*map(without_ending, names), self.part or path.name)))

    def paths(self, depth: int) -> list[tuple[str, ...]]:
        """The paths of the files in a folder, down to so many levels; those of no archive.

        Hidden files at its root are among them, where the folder is no archive's. SubmissionError where they
        cannot be listed.
        """
        place = self.path / self.part if self.part else self.path
        bounds = replace(MANY, depth=depth)
        if self.files:
            return [*_hidden(place), *(entry.parts for entry in self.files(bounds))]
        if not self.path.is_dir():
            return []
        with entries(self.path, bounds) as listed:
            return [*_hidden(place), *(entry.parts for entry in listed)]

    def open(self, lab: Lab) -> Submission:
        """Read it. SubmissionError when it cannot be read, or holds nothing to grade."""
        place = self.path / self.part if self.part else self.path
        if self.problem:
            raise SubmissionError(f"{place}: {self.problem}")
        try:
            submission = self._read(place, lab)
        except SubmissionError as error:
            if not self.note:
                raise
            raise SubmissionError(f"{error}. {self.note}") from None
        return replace(submission, notes=(*submission.notes, self.note)) if self.note else submission

    def _read(self, place: Path, lab: Lab) -> Submission:
        """What is there, without the note."""
        with ExitStack() as stack:

            def listed(bounds: Bounds) -> list[Entry]:
                return self.files(bounds) if self.files else stack.enter_context(entries(self.path, bounds))

            found = deep_enough(listed(ONE), partial(listed, DEEP), lab)
            if self.files and not found.found:
                raise SubmissionError(f"{place}: no file was handed in")
            around = 0 if self.files or self.path.is_dir() else 1
            files = _without_archives(place, found, lab, LEVELS - around)
            return read_entries(place, files, self.id, lab)


def _hidden(place: Path) -> list[tuple[str, ...]]:
    """The hidden files at the root of a folder on disk."""
    try:
        return [(entry.name,) for entry in place.iterdir() if entry.name.startswith(".")]
    except OSError:  # it is in an archive
        return []


Ours = Callable[[Collection[tuple[str, ...]]], bool]
"""Whether convlab itself wrote the files of a folder, by their paths in it."""


def without_results(found: Sequence[Handed], path: Path, lab: Lab, ours: Ours) -> list[Handed]:
    """What was found under `path`, without the folders that hold results of an earlier run and no work.

    Whom a platform names stays, whatever they handed in, and so does `path` itself.
    """
    return [
        one
        for one in found
        if one.student is not None or (one.path == path and not one.part) or not _is_ours(one, lab, ours)
    ]


def _is_ours(one: Handed, lab: Lab, ours: Ours) -> bool:
    try:
        if not ours(one.paths(2)):
            return False
        return not any(meant(name, lab) or is_notebook(name) for *_, name in one.paths(DEEP.depth))
    except SubmissionError:  # its own row will say what is wrong
        return False


@dataclass(frozen=True)
class Intake:
    """How what is at a path is taken.

    Args:
        one: it is one submission, whatever is in it.
        many: each folder and archive in it is a submission, whatever is beside them.
        lone: it is the only path, so an archive of folders may be a class.
        known: ids of students, which settle a name that can be read in two ways.
    """

    one: bool = False
    many: bool = False
    lone: bool = True
    known: Collection[str] = ()


def find_handed_in(path: Path, lab: Lab, tell: Tell = silent, intake: Intake | None = None) -> list[Handed]:
    """Every submission under `path`: those of a platform's download, or else a submission, or several.

    Args:
        path: a folder or an archive.
        lab: whose modules are looked for.
        tell: is given sentences about what was passed over, and about what is not sure.
        intake: how it is taken.
    """
    intake = intake or Intake()
    if intake.one:
        return [Handed(path, submission_id(path))]
    try:
        listed = path.is_dir() or is_archive(path.name)
        found = tops(path) if listed else []
    except (SubmissionError, OSError, ValueError):
        found = []  # not a download; whatever it is, the usual way says what is wrong with it
    root = _Root(path, found, not path.is_dir(), lab, tell, intake)
    if download := _in_download(root) or _in_class(root):
        return download
    places = find_submissions(path, lab)
    several = [Handed(place, submission_id(place)) for place in places]
    if places == [path]:
        return several
    loose = loose_files(path, places, lab)
    return several + [Handed(path / name, fit(name), problem=why_loose(name, lab)) for name in loose]


@dataclass(frozen=True)
class _Root:
    """What is at the root of PATH, or of a folder in it, `depth` levels below; `closed`: it is an archive."""

    path: Path
    tops: Sequence[Top]
    closed: bool
    lab: Lab
    tell: Tell
    intake: Intake
    depth: int = 0
    container: bool = False

    @property
    def name(self) -> str:
        """What the folder, or the archive without its ending, is called."""
        return submission_id(self.path)

    @property
    def mattering(self) -> list[Top]:
        """What could be handed in, or is a folder."""
        return [top for top in self.tops if _matters(top)]

    @property
    def modules(self) -> int:
        """How many modules are at the root."""
        return len({meant(top.name, self.lab) for top in self.tops if not top.folder} - {None})

    @property
    def several(self) -> list[Top]:
        """What can be a submission by itself: folders and archives."""
        return [top for top in self.tops if _itself(top)]

    def one(self, others: int) -> bool:
        """Whether the modules at the root make it one submission, beside so many others."""
        if self.closed:
            return self.modules > 1 or (self.modules == 1 and others < STRAYS)
        return one_by_its_modules(self.modules, others)

    def below(self) -> _Root | None:
        """The one folder that is here, if nothing else matters."""
        mattering = self.mattering
        if len(mattering) != 1 or not mattering[0].folder:
            return None
        name = mattering[0].name
        try:
            inner = mattering[0].tops()
        except SubmissionError:
            return None
        container = platforms.CONTAINERS.fullmatch(name) is not None
        return replace(self, path=self.path / name, tops=inner, depth=self.depth + 1, container=container)


def _itself(top: Top) -> bool:
    return top.folder or is_archive(top.name)


def _in_download(root: _Root) -> list[Handed]:
    """The submissions of a download, here or in the only folder; none where this is no download.

    ILIAS has another folder in that one, which is known by its name.
    """
    if handed := _gradescope(root) or _by_name(root):
        return handed
    inner = root.below()
    if inner is None or inner.depth > 2 or (inner.depth > 1 and not inner.container):
        return []
    if root.intake.many and not root.closed:
        return []  # the folder is a submission, whatever is in it
    handed = _in_download(inner)
    if handed and not root.closed:
        name = printable(inner.name)
        root.tell(f"{root.path}: {name} is read as a download; use --class if it is one student's folder")
    return handed


def _matters(top: Top) -> bool:
    """Whether a file could be handed in, or is a folder: a list of names beside them is neither."""
    suffix = Path(top.name).suffix.lower()
    return _itself(top) or suffix in (".py", ".html") or is_notebook(top.name)


def _beside(root: _Root, others: Iterable[Top]) -> Iterator[Handed]:
    """What is beside a download's own files: each a row, so that no one's work is passed over."""
    for top in sorted(others, key=lambda top: (not _itself(top), top.name)):
        if _itself(top):
            yield _plain(root, top)
        elif not is_beside(top.name, root.lab):
            why = why_loose(top.name, root.lab)
            yield Handed(root.path, fit(top.name), top.name, None, top.files, problem=why)


def _plain(root: _Root, top: Top) -> Handed:
    """A folder or an archive whose name is all that is known."""
    return Handed(root.path, submission_id(Path(top.name)), top.name, None, top.files)


# ---- platforms that say it by names ----------------------------------------------------------------


def _by_name(root: _Root) -> list[Handed]:
    """The submissions of a download whose files' names say whose they are."""
    for claims in _readings(root):
        theirs = [(top, claim) for top, claim in zip(root.tops, claims, strict=True) if claim]
        others = [top for top, claim in zip(root.tops, claims, strict=True) if not claim]
        own = [(top, claim) for top, claim in theirs if claim.key]
        if not own or len(own) <= sum(map(_matters, others)) or root.one(len(own)):
            continue
        return [*_of_people(root, own), *_beside(root, others)]
    return []


def _readings(root: _Root) -> Iterator[Claims]:
    """What each platform makes of the names; the forms of no two are the same."""
    known = root.intake.known
    for reader in (platforms.moodle, platforms.brightspace, platforms.blackboard, platforms.canvas):
        yield reader(root.tops, known)
    yield platforms.ilias(root.tops, inside=root.container)
    if match := platforms.SUBMISSIONS.fullmatch(root.name):
        yield platforms.github(root.tops, match["assignment"])
    kind = partial(_kind, lab=root.lab)
    claims = platforms.google(root.tops, kind)
    fits = [
        top.folder or kind(claim.file) is not None
        for top, claim in zip(root.tops, claims, strict=True)
        if claim
    ]
    if fits and all(fits):
        yield claims


def _kind(name: str, lab: Lab) -> str | None:
    """What a file that could count is: an archive, a module, the lab's notebook, or another notebook."""
    if is_archive(name):
        return platforms.ARCHIVE
    if is_notebook(name):
        return lab.notebook if is_copy(name, lab.notebook) else "another notebook"
    return meant(name, lab)


def _of_people(root: _Root, claims: Iterable[tuple[Top, Claim]]) -> list[Handed]:
    """A submission for each person, or team, that is claimed for."""
    people: dict[str, list[tuple[Top, Claim]]] = {}
    for top, claim in claims:
        people.setdefault(claim.key, []).append((top, claim))
    found = []
    for key, theirs in people.items():
        counting, note, problem = _last_attempt(theirs)
        student = _together(theirs, counting)
        first = theirs[0][1]
        questions = list(dict.fromkeys(claim.question for _, claim in theirs if claim.question))
        for question in questions:
            root.tell(f"{root.path}: {question}")
        label = fit(first.label) if first.label else _label(student, key)
        note = " ".join([part for part in (note, *(f"Not sure: {text}." for text in questions)) if part])
        problem = problem or next((claim.refused for _, claim in theirs if claim.refused), "")
        if not any(claim.holds for _, claim in theirs):
            problem = TYPED if any(not claim.feedback for _, claim in theirs) else GIVEN_BACK
        files = partial(_own, counting)
        found.append(Handed(root.path, label, label, student, files, note, problem))
    return sorted(found, key=lambda one: (one.student.name if one.student else "", one.id))


def _label(student: Student, key: str) -> str:
    name, own = student.name, student.id or key
    return fit(name, f"_{own}") if name else fit(own)


def _together(theirs: Sequence[tuple[Top, Claim]], counting: Sequence[tuple[Top, Claim]]) -> Student:
    """The person, as all their files together say it; in the attempt that counts, as it was handed in."""
    order = {suffix: n for n, suffix in enumerate((".zip", ".ipynb", ".py"))}
    holding = [claim for _, claim in counting if claim.holds] or [claim for _, claim in counting]
    first = min(holding, key=lambda claim: order.get(Path(claim.file).suffix.lower(), len(order)))
    name = next((claim.student.name for _, claim in theirs if claim.student.name), "")
    late = any(claim.student.late for _, claim in counting)
    return first.student.model_copy(update={"name": name, "late": late})


def _last_attempt(theirs: list[tuple[Top, Claim]]) -> tuple[list[tuple[Top, Claim]], str, str]:
    """The files of the last attempt, a note where there were others, and why it cannot be graded.

    That is where it is open which is the last, or where it holds no file and an earlier one does: who handed
    something in must not look like who did not.
    """
    attempts = sorted({claim.attempt for _, claim in theirs if claim.attempt is not None})
    if len(attempts) < 2:
        return theirs, "", ""
    if any(attempt.startswith("?") for attempt in attempts):
        dates = some([attempt.lstrip("?") for attempt in attempts])
        return theirs, "", f"handed in {len(attempts)} times ({dates}); keep the one that counts"
    last = [(top, claim) for top, claim in theirs if claim.attempt == attempts[-1]]
    if not any(_holds(*one) for one in last):
        holding = {claim.attempt for top, claim in theirs if _holds(top, claim)}
        if earlier := [attempt for attempt in attempts if attempt in holding]:
            told = f"the last of {len(attempts)} attempts ({attempts[-1]}) holds no file; an earlier one does"
            do = "take the last one out of the download if the earlier one is to count"
            return last, "", f"{told} ({earlier[-1]}); {do}"
    return last, f"The last of {len(attempts)} attempts was read ({attempts[-1]}); the others were not.", ""


def _holds(top: Top, claim: Claim) -> bool:
    """Whether something was handed in there: a file, or a folder that is not empty."""
    try:
        return claim.holds and (not top.folder or bool(top.files(ONE)))
    except SubmissionError:  # it holds more than can be read, which its row will say
        return True


def _own(theirs: Sequence[tuple[Top, Claim]], bounds: Bounds) -> list[Entry]:
    """The files as the student named them; none for text that was typed into the platform."""
    found: list[Entry] = []
    for top, claim in theirs:
        if claim.holds:
            named = (claim.file,) if claim.file else ()
            found += [
                replace(entry, parts=named or entry.parts[claim.strip :] or entry.parts)
                for entry in top.files(bounds)
            ]
    return found


# ---- classes of no platform ------------------------------------------------------------------------


def _in_class(root: _Root) -> list[Handed]:
    """The submissions in an archive of several, or in the one folder that is there; none where it is one.

    Of a folder itself `find_submissions` decides.
    """
    inner: _Root | None = root
    while inner is not None and inner.depth <= 1:
        if (inner.closed or inner.depth or inner.intake.many) and _is_class(inner):
            return list(_beside(inner, inner.tops))
        inner = inner.below()
    return []


def _is_class(root: _Root) -> bool:
    several = root.several
    if root.intake.many:
        return bool(several)
    if not root.intake.lone or root.one(len(several)):
        return False
    archives = sum(is_archive(top.name) and not top.folder for top in several)
    folders = [top.name for top in several if top.folder and _holds_work(top, root.lab)]
    if len(folders) == ARCHIVES and not archives:
        root.tell(f"{root.path}: read as one submission; use --class if {some(folders)} are two people's")
    return archives >= ARCHIVES or len(folders) + archives >= SEVERAL


def _holds_work(top: Top, lab: Lab) -> bool:
    try:
        files = top.files(DEEP)
    except SubmissionError:  # its own row will say what is wrong
        return True
    return holds_module(files, lab) or any(is_archive(entry.name) for entry in files)


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
        if student is not None:
            student = student.model_copy(update={"handed_in_as": folder})
        name = _label(student, folder) if student else fit(folder)
        files = folders[folder].files if folder in folders else _none
        found.append(Handed(root.path, name, folder, student, files, "" if student else note))
    others = [top for top in root.tops if top.name not in folders and top is not metadata]
    return [*found, *_beside(root, others)]


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


# ---- archives within -------------------------------------------------------------------------------


def _without_archives(place: Path, files: Files, lab: Lab, levels: int) -> Files:
    """The files themselves, with those in the archives that were handed in, at most so many levels down."""
    archives = [entry for entry in files.found if is_archive(entry.name)] if levels else []
    if not archives:
        return files
    if any(counts(entry, lab) for entry in files.found):
        return _with_archives(place, files, archives, lab, levels)
    if len(archives) > 1:
        names = some([entry.shown for entry in archives])
        raise SubmissionError(f"{place}: holds {len(archives)} archives ({names}); keep exactly one of them")
    return _within(place, archives[0], lab, levels)


def _within(place: Path, archive: Entry, lab: Lab, levels: int) -> Files:
    """The files in an archive that was handed in. SubmissionError where it cannot be read."""
    inner = place if place.name == archive.shown else place / archive.shown  # a file that is a hand-in itself
    try:
        data = archive.read(MAX_INNER)
    except FileProblem as problem:
        raise SubmissionError(f"{inner}: {problem}") from None
    found = deep_enough(entries_within(inner, data), partial(entries_within, inner, data, DEEP), lab)
    return _without_archives(inner, found, lab, levels - 1)


def _with_archives(place: Path, files: Files, archives: Sequence[Entry], lab: Lab, levels: int) -> Files:
    """Files beside which archives were handed in, with what only those hold.

    A notebook beside a zip of everything is common, and so is a zip of the very same files. SubmissionError
    where a file is there in two versions: which one counts is not ours to guess. What was handed out is no
    version, and what cannot be read adds nothing; the submission's notes name it.
    """
    folder = chosen(place, files.found, lab).folder
    here = {_role(entry, lab): entry for entry in files.found if counts(entry, lab)}
    more: list[Entry] = []
    inside: list[Files] = []
    read: list[str] = []
    for archive in archives[:MOST_ARCHIVES]:
        try:
            inner = _within(place, archive, lab, levels)
            mine = chosen(place / archive.shown, inner.found, lab)
        except SubmissionError:
            continue
        for entry in (*mine.files, *(book for book in mine.notebooks if book not in mine.files)):
            role = _role(entry, lab)
            if role not in here:
                here[role] = replace(entry, parts=(*folder, entry.name))
                more.append(here[role])
            elif counts(entry, lab) and not _same(here[role], entry) and not _handed_out(entry, lab):
                raise SubmissionError(
                    f"{place}: holds {here[role].shown} and another {printable(entry.name)} in "
                    f"{archive.shown}; keep one of them"
                )
        inside.append(inner)
        read.append(archive.shown)
    return Files(
        [*files.found, *more],
        lambda: [*files.all, *(one for each in inside for one in each.all)],
        frozenset(read),
    )


def _role(entry: Entry, lab: Lab) -> str:
    """What a file is for: a module by whatever name, the notebook, or itself."""
    return meant(entry.name, lab) or (NOTEBOOK if is_notebook(entry.name) else entry.name)


def _same(one: Entry, other: Entry) -> bool:
    try:
        return one.read(MAX_NOTEBOOK) == other.read(MAX_NOTEBOOK)
    except FileProblem:
        return False


def _handed_out(entry: Entry, lab: Lab) -> bool:
    """Whether a file is as students got it, where that is known here."""
    try:
        return entry.read(MAX_NOTEBOOK) == (lab.student / entry.name).read_bytes()
    except (FileProblem, OSError):
        return False
