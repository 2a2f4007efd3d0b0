"""CSV tables: read as spreadsheets save them, with the line of every row; written so that they run nothing.

A spreadsheet splits lines at commas, semicolons, tabs or bars, as the country has it, whatever the quotes
were meant for. So wherever a cell could begin in any of them, a mark precedes what would make it a formula.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from autograder.errors import UsageError, reason
from autograder.text import NotDecodable, cut, decoded, one_line

MAX_TABLE = 16 << 20
MAX_CELL = 2_000
TITLES = 10
"""The header of a table is looked for in so many rows."""
SIGNS = ",;\t"
"""What separates cells, the likeliest first."""
IsHeader = Callable[[Collection[str]], object]
"""Whether a row that names these columns (lower case, trimmed) is the header of a table."""
BLOCKS = (range(0x20, 0x80), range(0x2000, 0x2C00), range(0xFE00, 0xFFF0))
"""Where Unicode has signs and their other forms."""


def _forms(characters: str) -> str:
    """Characters with all that compatibility makes of them: full-width, small, superscript forms."""
    wanted = set(characters)
    found = (chr(code) for block in BLOCKS for code in block)
    return "".join(c for c in found if unicodedata.normalize("NFKC", c)[:1] in wanted)


RUNS = re.escape(_forms("=+-@|%"))
LINES = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""All that some program takes for the end of a line."""
BETWEEN = re.escape(_forms(",;|") + "\t" + LINES)
_MARKS = re.compile(rf"((?:^|[{BETWEEN}])[\s\"]*)('*)(?=[{RUNS}])")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a CSV in which no cell is a formula, wherever it is opened; every table is written by this."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue()


def inert(text: str) -> str:
    """Text with a mark wherever a spreadsheet would take what follows as a formula; `unmarked` undoes it."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _MARKS.sub(r"\1'\2", plain)


def unmarked(text: str) -> str:
    """What `inert` was given."""
    return _MARKS.sub(lambda found: found[1] + found[2][1:], text)


def short(text: str) -> str:
    """Text from outside as one line of bounded length, for a cell."""
    return cut(one_line(text), MAX_CELL)


@dataclass(frozen=True)
class CsvRow:
    """One row: its cells by column name (lower case, trimmed), and the line in which it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class CsvTable:
    """A table's column names, the line that holds them, and its rows. Empty when it has no header."""

    columns: tuple[str, ...]
    line: int
    rows: tuple[CsvRow, ...]
    faults: tuple[tuple[int, str], ...] = ()
    """The lines of rows that cannot be used, and why; only where these were asked for row by row."""


def read_table(
    path: Path, needed: Collection[str] = (), row_by_row: bool = False, is_header: IsHeader = bool
) -> CsvTable:
    """Read a CSV as spreadsheets write it: UTF-8, UTF-16 or Windows' cp1252; commas, semicolons or tabs.

    Excel's first line `sep=;` is obeyed. Blank rows are passed over, and so are titles above the header,
    which is the first of `TITLES` rows that `is_header` takes for it, or else the first row. A row may end
    early, but not before a column of those that are `needed`, and may have empty cells beyond the last
    column. UsageError names the file and the line of what is wrong: bytes that are no text, a quote that does
    not end, a row with too few or too many cells, or with two texts for one column; such a row is among
    `faults` instead if each row counts by itself (`row_by_row`).
    """
    text, separator = _separated(_text(path), is_header)
    found = [(line, [*map(undoubled, cells)]) for line, cells in _records(path, text, separator)]
    if not found:
        return CsvTable((), 1, ())
    first = next((n for n, (_, cells) in enumerate(found[:TITLES]) if is_header(_named(cells))), 0)
    line, names = found[first]
    columns = _named(names)
    least = max((columns.index(name) + 1 for name in needed if name in columns), default=0)
    faults: list[tuple[int, str]] = []
    rows: list[CsvRow] = []
    for begins, cells in found[first + 1 :]:
        if len(cells) < least or any(cell.strip() for cell in cells[len(columns) :]):
            told = f"{len(cells)} cells, but {len(columns)} columns; put text with {separator!r} in quotes"
            faults.append((begins, told))
        elif twice := _twice(columns, cells):
            faults.append((begins, twice))
        else:
            rows.append(CsvRow(begins, dict(zip(columns, cells, strict=False))))
    if faults and not row_by_row:
        raise UsageError(f"{path}, line {faults[0][0]}: {faults[0][1]}")
    return CsvTable(columns, line, tuple(rows), tuple(faults))


def undoubled(cell: str) -> str:
    """A cell as it was before UTF-8 was read as cp1252 and saved: Excel does that to a CSV that one opens.

    Text that just happens to look like that has not been seen: `ü` becomes `Ã¼`, `–` becomes `â€“`.
    """
    if cell.isascii():
        return cell
    try:
        return b"".join(map(_in_cp1252, cell)).decode("utf-8")
    except UnicodeError:
        return cell


def _in_cp1252(character: str) -> bytes:
    """A character in cp1252, with the five bytes that it does not define as Windows has them."""
    return character.encode("latin-1" if "\x80" <= character <= "\x9f" else "cp1252")


def _twice(columns: Sequence[str], cells: Sequence[str]) -> str:
    """Why a row cannot be used: two columns of one name hold something else in it; "" where none do."""
    held: dict[str, str] = {}
    for name, cell in zip(columns, map(str.strip, cells), strict=False):
        if name and held.setdefault(name, cell) != cell:
            told = f"with {short(held[name])!r} and {short(cell)!r}"
            return f"the column {short(name)} is there twice, {told}; keep one of them"
    return ""


def _named(cells: Iterable[str]) -> tuple[str, ...]:
    """The columns that a header names."""
    return tuple(cell.strip().casefold() for cell in cells)


def _separated(text: str, is_header: IsHeader) -> tuple[str, str]:
    """The text without Excel's line about its separator, and the separator. Lines keep their numbers."""
    begins = re.match(r"(\s*)\"?sep=([,;\t|])\"?[ ]*(?=\n)", text)
    if begins:
        return begins[1] + text[begins.end() :], begins[2]
    lines = list(islice((line for line in text.split("\n") if line.strip()), TITLES)) or [""]
    header = next((line for line in lines if any(is_header(_cells(line, sign)) for sign in SIGNS)), lines[0])
    fitting = [sign for sign in SIGNS if is_header(_cells(header, sign))]
    return text, max(fitting or SIGNS, key=header.count)


def _cells(line: str, separator: str) -> tuple[str, ...]:
    """The columns that a line names if it is a header."""
    try:
        return _named(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:  # reading the rows will say what is wrong
        return ()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_TABLE + 1)
    except OSError as error:
        raise UsageError(f"{path}: {reason(error)}") from None
    if len(data) > MAX_TABLE:
        raise UsageError(f"{path}: larger than {MAX_TABLE >> 20} MiB; is it the right file?")
    if kind := _spreadsheet(data):
        raise UsageError(f"{path}: this is {kind}; save it as CSV (UTF-8), and name that file")
    line = 1
    for encoding in _encodings(data):
        try:
            return decoded(data, encoding)
        except NotDecodable as error:
            line = error.line
    told = "neither UTF-8 nor UTF-16 nor cp1252; save the table as CSV in UTF-8"
    raise UsageError(f"{path}, line {line}: {told}")


def _spreadsheet(data: bytes) -> str:
    """What a file is that a spreadsheet keeps for itself; "" of any other."""
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "an Excel file"
    if not data.startswith(b"PK\3\4"):
        return ""
    if b"opendocument" in data[:200]:
        return "an OpenDocument file"
    return "an Excel file" if b"xl/" in data else "a zip file"


def _encodings(data: bytes) -> Sequence[str]:
    """The encodings that a table may have, the likeliest first."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if b"\0" in data[:2]:
        return ("utf-16-be",)
    if b"\0" in data[:4]:
        return ("utf-16-le",)
    return ("utf-8", "cp1252")


def _records(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path}, line {line}: {error}") from None
