"""The commands `convlab marks ...`: what people decided about submissions, looked at and changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.errors import UsageError
from autograder.files import write_whole
from autograder.lab import load_lab
from autograder.text import one_line, points

if TYPE_CHECKING:
    from autograder.grade import Grade
    from autograder.gradebook import Gradebook, Kind, Mark, Wish
    from autograder.gradebook.marks import Ledger
    from autograder.lab import Lab

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
OUT = click.argument("out", type=FOLDER, metavar="RESULTS")
SUBMISSION = click.argument("submission")
SHORT_ID = 12
MANY = 1_000
AS = click.option("--as", "who", metavar="NAME", help="Who decides [default: CONVLAB_MARKER or your name].")
REASON = click.option(
    "--reason", default="", help="Why; the student reads it. Needed, except with --withdraw."
)
WITHDRAW = click.option("--withdraw", is_flag=True, help="Take the earlier decision back.")


OF_ALL: tuple[Kind, ...] = ("late", "extension", "withdrawn")
"""What can be decided of a submission, or of all of a student's."""
NEGATIVE = {"ignore_unknown_options": True}
"""What a command needs to take a number such as -1, if only to say what is wrong with it."""


@click.group()
def marks() -> None:
    """List and change what people decided: points, bonuses, lateness, withdrawals.

    Each decision is a mark: who, when, why. Marks are never changed or deleted; a later one replaces them.
    They are in RESULTS/marks.sqlite, the one file there that nothing can compute again: back it up. What
    the checks said stays visible beside each mark.

    \b
    See who decided what             convlab marks log results
    Override a question              convlab marks set results ann QUESTION 8 --reason "..."
    Take back your latest mark       convlab marks undo results
    Bring two markers' work together convlab marks export theirs theirs.jsonl
                                     convlab marks merge results theirs.jsonl
    """


# ---- looking -----------------------------------------------------------------------------------------


@marks.command()
@OUT
@click.option("--submission", help="Only marks of this submission.")
@click.option("--question", help="Only marks of this question.")
@click.option("--by", help="Only marks of this person.")
def log(out: Path, submission: str | None, question: str | None, by: str | None) -> None:
    """List every mark, the oldest first.

    * is a mark that counts, ! one of several that contradict each other.
    """
    from autograder.gradebook import Gradebook, slot_of
    from autograder.report.people import composed, lapsed_list, late_lines

    lab = load_lab()
    book = Gradebook.existing(out, lab)
    ledger, results = book.marks(), book.read()
    clashing = {mark.id for heads in ledger.conflicts() for mark in heads}
    _known_filters(lab, book, ledger, submission, question, by)
    graded = (*results.grades.values(), *results.aside.values())
    current = {slot_of(grade, asked) for grade in graded for asked in grade.questions}
    passed_over = _passed_over(ledger, graded)
    for mark in ledger.marks:
        wanted = ((submission, mark.submission), (question, mark.question), (by, mark.who))
        if all(asked is None or composed(asked) == composed(found) for asked, found in wanted):
            counts = ledger.head(mark.slot) is mark and (not mark.question or mark.slot in current)
            counts = counts and mark.id not in passed_over
            sign = "!" if mark.id in clashing else "*" if counts else " "
            items = f" [{', '.join(mark.items)}]" if mark.items else ""
            undo = f" (undoes {mark.undoes[:SHORT_ID]})" if mark.undoes else ""
            click.echo(f"{sign} {mark.id[:SHORT_ID]} {mark.told}{items}{undo}")
    if results.lapsed:
        click.echo(f"To be marked again: {lapsed_list(results.lapsed, MANY)[1]}.")
    for line in late_lines(results.unsure):
        click.echo(f"{line}; see `convlab marks late --help`.")
    if clashing:
        click.echo("Marks with ! contradict each other; the latest counts until the answer is marked again.")


def _passed_over(ledger: Ledger, graded: Iterable[Grade]) -> set[str]:
    """Marks about whole submissions that a later decision on each of them has passed over.

    One may call the submission by its name, the other by its student's id.
    """
    from autograder.gradebook.deriving import names

    there, chosen = set[str](), set[str]()
    for grade in graded:
        for kind in OF_ALL:
            there |= {mark.id for mark in ledger.facts(kind, *names(grade))}
            if (counting := ledger.fact(kind, *names(grade))) is not None:
                chosen.add(counting.id)
    return there - chosen


def _known_filters(
    lab: Lab, book: Gradebook, ledger: Ledger, submission: str | None, question: str | None, by: str | None
) -> None:
    """Say why nothing is listed. UsageError where what is asked for is not there at all.

    Args:
        lab: whose questions there are.
        book: whose submissions there are.
        ledger: every mark.
        submission: the submission that is asked for, if one is.
        question: the question.
        by: who gave the mark.
    """
    if question is not None and question not in (asked := [q.id for q in lab.questions]):
        raise UsageError(f"--question {one_line(question)}: unknown question; choose from {', '.join(asked)}")
    from autograder.report.people import composed, perhaps

    there = {*book.there(), *(mark.submission for mark in ledger.marks)}
    if submission is not None and composed(submission) not in map(composed, there):
        told = f"there is no such submission in {book.folder}{perhaps(submission, there)}"
        raise UsageError(f"--submission {one_line(submission)}: {told}")
    wanted = [
        (composed(asked), field)
        for asked, field in ((submission, "submission"), (question, "question"), (by, "who"))
        if asked is not None
    ]
    if not any(
        all(asked == composed(getattr(mark, field)) for asked, field in wanted) for mark in ledger.marks
    ):
        markers = sorted({mark.who for mark in ledger.marks if mark.who})
        known = f"; marks are by {', '.join(map(one_line, markers))}" if by is not None and markers else ""
        click.echo(f"No marks{' match' if submission or question or by else ''}{known}.")


# ---- deciding ----------------------------------------------------------------------------------------


@marks.command("set", context_settings=NEGATIVE)
@OUT
@SUBMISSION
@click.argument("question")
@click.argument("given", metavar="POINTS", required=False)
@click.option("--reason", default="", help="Why; the student reads it. Needed where checks grade.")
@WITHDRAW
@AS
def set_(
    out: Path, submission: str, question: str, given: str | None, reason: str, withdraw: bool, who: str | None
) -> None:
    """Give a question points, whatever the checks said.

    With --withdraw instead of POINTS, the checks' points count again, or the written answer is ungraded.
    """
    from autograder.gradebook import Gradebook, Wish

    book = Gradebook.existing(out, load_lab())
    name = _submission(book, submission)
    grade = book.machine(name)
    asked = {q.id: q for q in grade.questions} if grade is not None else {}
    if question not in asked:
        raise UsageError(f"{question}: unknown question; choose from {', '.join(asked)}")
    if not withdraw and not asked[question].written and not reason.strip():
        raise UsageError(
            f"--reason: say why the checks' points of {question} are replaced; the student reads it"
        )
    _decide(book, Wish(name, question, _points(given, withdraw), "" if withdraw else reason), who)


@marks.command(context_settings=NEGATIVE)
@OUT
@SUBMISSION
@click.argument("given", metavar="POINTS", required=False)
@REASON
@WITHDRAW
@AS
def bonus(
    out: Path, submission: str, given: str | None, reason: str, withdraw: bool, who: str | None
) -> None:
    """Add points to a submission as a whole, or take some off with a negative number."""
    _about_all(out, "bonus", submission, given, reason, withdraw, who)


@marks.command(context_settings=NEGATIVE)
@OUT
@SUBMISSION
@click.argument("given", metavar="DAYS", required=False)
@click.option("--reason", default="", help="Why; it is kept with the mark.")
@WITHDRAW
@AS
def extend(
    out: Path, submission: str, given: str | None, reason: str, withdraw: bool, who: str | None
) -> None:
    """Give a student so many days more. SUBMISSION can also be the student's id, for all their hand-ins."""
    _about_all(out, "extension", submission, given, reason, withdraw, who)


@marks.command(context_settings=NEGATIVE)
@OUT
@click.argument("submission", metavar="SUBMISSION|CSV")
@click.argument("given", metavar="DAYS", required=False)
@click.option("--reason", default="", help="Why; it is kept with the mark.")
@WITHDRAW
@AS
def late(out: Path, submission: str, given: str | None, reason: str, withdraw: bool, who: str | None) -> None:
    """Say how many days after the deadline a submission came, or several by a table.

    What that costs is in assignment.toml: [late] with free_days, percent_per_day and floor. With `due` there,
    submissions whose download says when they were handed in need no mark; a mark replaces what it says. The
    table has the columns submission (or the student's id) and days, or is the grading worksheet that Moodle
    hands out, in English; a row that cannot be used is reported, and costs only itself.
    """
    from autograder.desk.lateness import late_wishes
    from autograder.gradebook import Gradebook

    if given is None and not withdraw and Path(submission).is_file():
        book = Gradebook.existing(out, load_lab())
        wishes, faults = late_wishes(
            book, Path(submission), reason, partial(_submission, students=True, ungraded=True)
        )
        _decide(book, wishes, who)
        _say_what_late_costs(book)
        if faults:
            raise UsageError("\n".join(faults))
    else:
        _about_all(out, "late", submission, given, reason, withdraw, who)


@marks.command()
@OUT
@SUBMISSION
@REASON
@WITHDRAW
@AS
def drop(out: Path, submission: str, reason: str, withdraw: bool, who: str | None) -> None:
    """Take a submission out of all tables: it was withdrawn, or is no hand-in. --withdraw brings it back."""
    _about_all(out, "withdrawn", submission, None if withdraw else "1", reason, withdraw, who)


@marks.command()
@OUT
@SUBMISSION
@click.option("--reason", default="", help="Why; it is kept with the mark.")
@WITHDRAW
@AS
def choose(out: Path, submission: str, reason: str, withdraw: bool, who: str | None) -> None:
    """Of several hand-ins of one student, let this one count, whatever `hand_ins` in assignment.toml says."""
    _about_all(out, "count", submission, None if withdraw else "1", reason, withdraw, who)


@marks.command()
@OUT
@click.argument("old")
@click.argument("new")
@click.option("--reason", default="", help="Why that is the same hand-in; it is kept with the marks.")
@click.option("--anyway", is_flag=True, help="Also where they look like two people's.")
@AS
def move(out: Path, old: str, new: str, reason: str, anyway: bool, who: str | None) -> None:
    """Let the row OLD be the row NEW: the same hand-in under another name. Results and marks go along.

    `convlab grade` does that by itself where it is certain, and otherwise names the two. Nothing disappears
    from the log. A move is not undone: it is refused where both rows were in what was graded last, or are of
    two people, unless you say --anyway.
    """
    from autograder.gradebook import Gradebook, marker
    from autograder.report.people import meant, perhaps

    book = Gradebook.existing(out, load_lab())
    rows = book.there()
    if (target := meant(new, rows)) is None:
        raise UsageError(f"NEW: there is no row {one_line(new)!r} in {out}{perhaps(new, rows)}")
    others = {*rows, *book.marks().names()} - {target}
    if (source := meant(old, others)) is None:
        told = f"there is no other row {one_line(old)!r} in {out}, and no mark of it"
        raise UsageError(f"OLD: {told}{perhaps(old, others)}")
    old, new = source, target
    if not anyway and (why := book.two_people(old, new)):
        raise UsageError(f"{why}; add --anyway if {one_line(old)} is {one_line(new)} all the same")
    with book:
        moved = [mark for mark in book.carry(old, new, marker(who), reason or "by hand") if mark.went_to]
    click.echo(f"{one_line(old)} is {one_line(new)} now, with {_counted(len(moved), 'mark')}.")
    with book:
        book.renewed()


def _about_all(
    out: Path, kind: Kind, submission: str, given: str | None, reason: str, withdraw: bool, who: str | None
) -> None:
    """Decide something about a whole submission."""
    from autograder.gradebook import Gradebook, Wish

    book = Gradebook.existing(out, load_lab())
    if not withdraw and not reason.strip() and kind in ("bonus", "withdrawn"):
        raise UsageError("--reason: say why; the student reads it")
    when = kind in ("extension", "late")
    whole = when or kind == "withdrawn"  # what does not need a grade
    target = _submission(book, submission, students=whole, ungraded=whole)
    value = _points(given, withdraw)
    if value is not None and value < 0 and when:
        raise UsageError(f"{given}: days are 0 or more")
    _decide(book, Wish(target, "", value, reason, kind=kind), who)
    if when:
        _say_what_late_costs(book)


def _say_what_late_costs(book: Gradebook) -> None:
    if book.rules.late is None:
        click.echo("It costs nothing: assignment.toml has no [late], which says what lateness costs.")


def _submission(book: Gradebook, asked: str, students: bool = False, ungraded: bool = False) -> str:
    """A submission's name. UsageError where there is no such, or a student has several.

    Args:
        book: where it is.
        asked: its name, or its student's id.
        students: give the id itself where that was asked for: it stands for all of a student's hand-ins.
        ungraded: take those without a grade too.
    """
    from autograder.gradebook.reading import ungraded as without_grade
    from autograder.report.people import meant, perhaps

    found = book.read()
    whose = {name: grade.student for name, grade in {**found.grades, **found.aside}.items()}
    if ungraded:
        without, of_whom = without_grade(book.folder)
        whose |= {name: of_whom.get(name) for name in (*without, *found.broken)}
    if (name := meant(asked, whose)) is not None:
        return name
    own = meant(asked, {student.id for student in whose.values() if student is not None and student.id})
    theirs = [name for name, student in whose.items() if student is not None and student.id == own]
    if own is not None and students:
        return own
    if len(theirs) == 1:
        return theirs[0]
    if theirs:
        told = ", ".join(map(one_line, theirs[:5]))
        raise UsageError(f"{one_line(asked)} has {len(theirs)} hand-ins ({told}); name one")
    raise UsageError(f"no submission {one_line(asked)!r} has a grade{perhaps(asked, whose)}")


def _points(text: str | None, withdraw: bool) -> float | None:
    """The number that was given; None to take the earlier one back. UsageError where it is none."""
    from autograder.report.written import number

    if withdraw:
        return None
    if text is None:
        raise UsageError("give a number, or --withdraw to take the earlier one back")
    value = number(text)
    if value is None:
        raise UsageError(f"{one_line(text)!r} is not a number")
    return value


def _decide(book: Gradebook, wish: Wish | Sequence[Wish], who: str | None) -> None:
    """Keep marks and say so. UsageError names those that cannot be."""
    from autograder.gradebook import Wish, marker

    wishes = [wish] if isinstance(wish, Wish) else list(wish)
    kept, refused = book.mark(wishes, marker(who), "command")
    if kept or not refused:
        _told(book, kept)
    if refused:
        raise UsageError("\n".join(f"{one_line(it.wish.submission)}: {it.why}" for it in refused))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _told(book: Gradebook, kept: Sequence[Mark]) -> None:
    """Bring the files up to date, and say what was kept."""
    from autograder.gradebook.deriving import names

    settled = book.settle()
    for mark in kept:
        click.echo(f"{mark.id[:SHORT_ID]} {mark.told}")
    click.echo(f"{_counted(len(kept), 'mark')} kept." if kept else "Nothing changes: it was so before.")
    if settled.holder:
        click.echo(f"{settled.holder} is writing in {book.folder}; the grades have them when it is done.")
    elif kept:
        found, about = book.read(), {mark.submission for mark in kept}
        graded = sorted({**found.grades, **found.aside}.items())
        theirs = [(name, grade) for name, grade in graded if not about.isdisjoint(names(grade))]
        for name, grade in theirs[:10]:
            aside = f" ({grade.aside})" if grade.aside else ""
            click.echo(f"{one_line(name)}: {points(grade.score)} of {points(grade.max_score)}{aside}")


@marks.command()
@OUT
@click.option("--id", "which", help="Which mark, as `log` shows it [default: your latest].")
@AS
def undo(out: Path, which: str | None, who: str | None) -> None:
    """Take a mark back: what it replaced counts again. The mark and its undoing stay in the log."""
    from autograder.gradebook import Gradebook, marker
    from autograder.gradebook.marks import MOVED

    book, name = Gradebook.existing(out, load_lab()), marker(who)
    ledger = book.marks()
    if which:
        found = [mark for mark in ledger.marks if mark.id.startswith(which.casefold())]
        if len(found) != 1:
            raise UsageError(f"--id {which}: {len(found)} marks have this id; `convlab marks log` lists them")
    else:
        found = ledger.latest(name)
        went = max(
            (mark for mark in ledger.marks if mark.who == name and mark.went_to), key=_at, default=None
        )
        if went is not None and (not found or went.at > found[0].at):
            told = f"your latest decision let {one_line(went.submission)} be {one_line(went.went_to)}"
            raise UsageError(f"{told}; a move is not undone, but --id takes an earlier mark back")
        if not found:
            raise UsageError(f"there is no mark of {name} to undo")
    if moved := next((mark for mark in found if mark.via == MOVED), None):
        raise UsageError(
            f"{moved.told}: this went from one row to another, which is not undone; decide it anew"
        )
    kept, refused = book.undo(found, name, "command")
    _told(book, kept)
    if refused:
        raise UsageError("\n".join(f"{one_line(it.wish.submission)}: {it.why}" for it in refused))


def _at(mark: Mark) -> str:
    return mark.at


# ---- several machines --------------------------------------------------------------------------------


@marks.command()
@OUT
@click.argument("file", type=FILE)
@click.option("--overwrite", is_flag=True, help="Also over a FILE that holds something else.")
def export(out: Path, file: Path, overwrite: bool) -> None:
    """Write every mark to FILE, a line of JSON each: as a backup, or to merge them elsewhere.

    An earlier export is replaced where all of its marks are in this one.
    """
    from autograder.gradebook import Gradebook

    book = Gradebook.existing(out, load_lab())
    book.settle()  # an earlier convlab's marks are taken over first
    ledger = book.marks()
    if file.exists() and not overwrite and not _superseded(file, ledger):
        raise UsageError(f"{file}: holds what is not in {out}; name another file, or --overwrite it")
    write_whole(file, "".join(mark.model_dump_json() + "\n" for mark in ledger.marks))
    click.echo(f"{len(ledger.marks)} marks: {file}")


@marks.command()
@OUT
@click.argument("file", type=click.Path(path_type=Path))
def merge(out: Path, file: Path) -> None:
    """Add another database's marks: FILE is an export, a marks.sqlite or a results folder.

    Nothing is dropped or overwritten, and merging twice adds nothing. Where two people marked the same
    answer differently, both marks are shown; the latest counts until someone marks that answer again. The
    exit status is 0, or 2 when FILE cannot be read.
    """
    from autograder.gradebook import Gradebook

    book = Gradebook.existing(out, load_lab())
    book.settle()  # an earlier convlab's marks are taken over first
    before = {mark.id for heads in book.marks().conflicts() for mark in heads}
    added = book.merge(read_marks(file))
    settled = book.settle()
    conflicts = book.marks().conflicts()
    differ = f"{_counted(len(conflicts), 'answer')} marked differently"
    click.echo(f"{_counted(len(added), 'mark')} added, {differ}.")
    for heads in conflicts:
        new = "" if {mark.id for mark in heads} <= before else "new: "
        click.echo(f"  {new}" + "; ".join(mark.told for mark in heads) + " (the last one counts)")
    known = {*book.read().grades, *book.read().aside}
    strangers = sorted({mark.submission for mark in added} - known)
    if strangers:
        names = ", ".join(map(one_line, strangers[:5])) + (" ..." if len(strangers) > 5 else "")
        click.echo(f"Marks of {len(strangers)} that are no submission here ({names}) are kept too.")
    if settled.holder:
        click.echo(f"{settled.holder} is writing in {out}; the grades have them when it is done.")


def _superseded(file: Path, ledger: Ledger) -> bool:
    """Whether a file is an export, all of whose marks are in a ledger."""
    try:
        return all(mark.id in ledger.by_id for mark in read_marks(file))
    except UsageError:
        return False


def read_marks(path: Path) -> list[Mark]:
    """The marks of an export, a database or a results folder. UsageError names the line that is none."""
    from pydantic import ValidationError

    from autograder.gradebook import Mark
    from autograder.gradebook.database import Database
    from autograder.gradebook.names import MARKS

    if path.is_dir() or path.name == MARKS or path.suffix == ".sqlite":
        base = Database(path if path.is_dir() else path.parent, path.name if path.is_file() else MARKS)
        if not base.exists():
            raise UsageError(f"{path}: holds no {MARKS}")
        return list(base.ledger().marks)
    found = []
    try:
        lines = path.read_text("utf-8").split(
            "\n"
        )  # a comment may hold what else Python takes for a line's end
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None
    except UnicodeDecodeError:
        takes = f"`marks export` writes one that can be; a results folder or its {MARKS} can be, too"
        raise UsageError(f"{path}: no file of marks; {takes}. Nothing was merged.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(Mark.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"])) or "the whole line"
                raise UsageError(
                    f"{path}, line {number}: {place}: {first['msg']}. Nothing was merged."
                ) from None
    return list({mark.id: mark for mark in found}.values())  # two exports in one file may overlap
