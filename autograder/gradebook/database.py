"""marks.sqlite: the database of marks in a results folder.

Rows are only ever added; triggers see to it. A transaction is on disk before it is reported (a rollback
journal, synced), so a process that is killed leaves either all of its marks or none. The journal is not the
write-ahead log, which network drives do not keep and copies of a folder forget.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from autograder.errors import UsageError
from autograder.gradebook.marks import Ledger, Mark
from autograder.gradebook.names import MARKS

VERSION = 1
WAIT_SECONDS = 30.0
"""So long a writer waits for another, whose transactions take a few milliseconds."""
COLUMNS = (
    "id", "kind", "submission", "question", "answer", "most", "points", "items", "comment",
    "who", "at", "via", "replaces", "undoes",
)  # fmt: skip
TABLES = """
CREATE TABLE IF NOT EXISTS marks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    submission TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    most REAL NOT NULL,
    points REAL,
    items TEXT NOT NULL,
    comment TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    via TEXT NOT NULL,
    replaces TEXT NOT NULL,
    undoes TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS marks_of ON marks (submission);
CREATE TRIGGER IF NOT EXISTS marks_stay BEFORE UPDATE ON marks
    BEGIN SELECT RAISE(ABORT, 'a mark is never changed'); END;
CREATE TRIGGER IF NOT EXISTS marks_are_kept BEFORE DELETE ON marks
    BEGIN SELECT RAISE(ABORT, 'a mark is never deleted'); END;
CREATE TABLE IF NOT EXISTS stale (submission TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
"""
Decide = Callable[[Ledger], Iterable[Mark]]
"""Given the marks that are there, the marks to add."""


class Database:
    """The marks of one results folder. Each call opens and closes the file, which the first mark makes."""

    def __init__(self, folder: Path, name: str = MARKS) -> None:
        self.path = folder / name

    def exists(self) -> bool:
        """Whether there is one."""
        return self.path.is_file()

    def ledger(self, submissions: Sequence[str] | None = None) -> Ledger:
        """All marks, or those of some submissions, in the order in which they came here."""
        if not self.exists():
            return Ledger(())
        with self._open() as base:
            return _ledger(base, submissions)

    def since(self, seq: int) -> tuple[list[Mark], int]:
        """The marks that came after one, by the number that this gives with them."""
        if not self.exists():
            return [], seq
        with self._open() as base:
            if base.execute("PRAGMA user_version").fetchone()[0] < VERSION:
                return [], seq
            query = f"SELECT seq, {', '.join(COLUMNS)} FROM marks WHERE seq > ? ORDER BY seq"
            rows = list(base.execute(query, (seq,)))
        return [_mark(row[1:]) for row in rows], rows[-1][0] if rows else seq

    def change(self, decide: Decide) -> list[Mark]:
        """Add what `decide` makes of the marks that are there; no other writer comes between.

        All are on disk when this returns, and their submissions listed as out of date; none is where it
        raises. UsageError when the disk does not take them.
        """
        with self._open(create=True) as base:
            base.execute("BEGIN IMMEDIATE")
            added = list(decide(_ledger(base)))
            for mark in added:
                row = base.execute(
                    f"INSERT INTO marks ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",
                    _row(mark),
                )
                base.execute("INSERT OR REPLACE INTO stale VALUES (?, ?)", (mark.submission, row.lastrowid))
            base.execute("COMMIT")
        return added

    def stale(self) -> dict[str, int]:
        """The submissions whose files do not have their latest marks yet, with the last of those."""
        if not self.exists():
            return {}
        with self._open() as base:
            return dict(base.execute("SELECT submission, seq FROM stale"))

    def settled(self, done: dict[str, int]) -> None:
        """Files have the marks up to these now."""
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            base.executemany("DELETE FROM stale WHERE submission = ? AND seq <= ?", list(done.items()))
            base.execute("COMMIT")

    @contextmanager
    def _open(self, create: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            place = f"{self.path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
            with closing(
                sqlite3.connect(place, timeout=WAIT_SECONDS, isolation_level=None, uri=True)
            ) as base:
                base.execute("PRAGMA journal_mode = DELETE")
                base.execute("PRAGMA synchronous = EXTRA")
                version = base.execute("PRAGMA user_version").fetchone()[0]
                if version > VERSION:
                    raise UsageError(f"{self.path}: written by a later convlab; use that one")
                if version < VERSION and create:
                    _make(base)
                try:
                    yield base
                except BaseException:
                    if base.in_transaction:
                        base.rollback()
                    raise
        except sqlite3.Error as error:
            raise UsageError(f"{self.path}: {_advice(error)}") from None


def _make(base: sqlite3.Connection) -> None:
    """The tables, in one transaction, so that who is killed here leaves none."""
    base.execute("BEGIN IMMEDIATE")
    for statement in TABLES.strip().split(";\n"):
        base.execute(statement)
    base.execute(f"PRAGMA user_version = {VERSION}")
    base.execute("COMMIT")


def _ledger(base: sqlite3.Connection, submissions: Sequence[str] | None = None) -> Ledger:
    if base.execute("PRAGMA user_version").fetchone()[0] < VERSION:
        return Ledger(())
    query = f"SELECT {', '.join(COLUMNS)} FROM marks"
    if submissions is not None:
        query += f" WHERE submission IN ({', '.join('?' * len(submissions))})"
    return Ledger([_mark(row) for row in base.execute(f"{query} ORDER BY seq", submissions or ())])


def _row(mark: Mark) -> list[object]:
    data = mark.model_dump()
    data |= {"items": json.dumps(mark.items), "replaces": " ".join(mark.replaces)}
    return [data[name] for name in COLUMNS]


@lru_cache(maxsize=100_000)
def _mark(row: tuple[object, ...]) -> Mark:
    """A row as a mark. It was valid when it was written, and rows do not change.

    Whoever marks reads all rows with each mark; those that were read before are the same objects again.
    """
    data = dict(zip(COLUMNS, row, strict=True))
    data["items"] = tuple(json.loads(str(data["items"])))
    data["replaces"] = tuple(str(data["replaces"]).split())
    try:
        return Mark.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(
            f"{MARKS}: mark {data['id']}: {first['loc'][0]}: {first['msg']}; restore the file from a copy"
        ) from None


def _advice(error: sqlite3.Error) -> str:
    """What went wrong, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    told = str(error)
    if code == sqlite3.SQLITE_FULL:
        return f"{told}. No mark of this command was saved; free some space and run the same command again"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"{told}. No mark was saved; make the folder writable for you"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"another process has been writing marks for {WAIT_SECONDS:g} s; try again when it is done"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return (
            f"{told}. Move it away and restore a copy: of the file itself, or one made by "
            "`convlab marks export`, by `convlab marks merge`"
        )
    return told
