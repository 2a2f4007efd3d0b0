"""Foreign text and tables: decoded, cleaned and read in one way each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.sandbox.output import cleaned
from autograder.tables import read_table, undoubled
from autograder.text import NotDecodable, clean, decoded, one_line, printable, visible

ODD = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
"""Bytes that cp1252 does not define."""
HOSTILE = ["\x00", "\x1b", "\r", "\x7f", "\x85", "\u200b", "\u202e", "\u2028", "\u2029", "\ufeff", "\ue000"]


@pytest.mark.parametrize("character", HOSTILE)
def test_every_cleaner_takes_out_the_same(character: str) -> None:
    text = f"a{character}b"
    assert visible(text) == cleaned(text) == "ab"
    assert printable(text) == "a?b"
    assert clean(text) == one_line(text) == "a\ufffdb"


@pytest.mark.parametrize("text", ["naïve Ω 漢字 🙂", "a b", ""])
def test_every_cleaner_leaves_what_can_be_seen(text: str) -> None:
    assert visible(text) == cleaned(text) == printable(text) == clean(text) == text


def test_spaces_are_spaces() -> None:
    assert visible("a\u00a0b\u3000c\u2009d") == "a b c d"


def test_lines_stay_where_they_may() -> None:
    assert clean("a\r\n\tb\n") == "a\n\tb\n"
    assert cleaned("a\n\tb") == "a\n\tb"
    assert visible("a\n\tb") == "ab"


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"a\r\nb\xff", 2, "byte 0xff is not UTF-8"),
        (b"a\rb\rc\x80", 3, "byte 0x80 is not UTF-8"),
        (b"\xef\xbb\xbfa\n\xc3", 2, "byte 0xc3 is not UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_named_by_line(data: bytes, line: int, said: str) -> None:
    with pytest.raises(NotDecodable, match=said) as error:
        decoded(data)
    assert error.value.line == line


def test_line_ends_and_the_mark_do_not_matter() -> None:
    assert decoded(b"\xef\xbb\xbfa\r\nb\rc") == "a\nb\nc"
    assert decoded(b"\xe9", "latin-1") == "é"


# ---- tables --------------------------------------------------------------------------------------------


def table(tmp_path: Path, text: str | bytes) -> Path:
    (tmp_path / "t.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return tmp_path / "t.csv"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_of_spreadsheets(tmp_path: Path, separator: str, end: str) -> None:
    lines = ["\ufeff Id ;NAME", "", '1;"two', 'lines"', ";;;", "3;x;;"]
    found = read_table(table(tmp_path, end.join(lines).replace(";", separator)))
    assert found.columns == ("id", "name")
    assert [(row.line, dict(row.cells)) for row in found.rows] == [
        (3, {"id": "1", "name": "two\nlines"}),
        (6, {"id": "3", "name": "x"}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2,3\n", "t.csv, line 2: 3 cells, but 2 columns; put text with ',' in quotes"),
        ("a,b\n1\n", "t.csv, line 2: 1 cells, but 2 columns"),
        ('a,b\n1,2\n1,"2\n', "t.csv, line 3: unexpected end of data"),
        (
            b"a,b\n1,\x81\n",
            "t.csv, line 2: neither UTF-8 nor UTF-16 nor cp1252; save the table as CSV in UTF-8",
        ),
    ],
)
def test_tables_that_are_wrong_are_named_by_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(UsageError) as error:
        read_table(table(tmp_path, text), ["a", "b"])
    assert said in str(error.value)


@given(st.text(max_size=20))
def test_what_excel_makes_of_utf8_is_undone(text: str) -> None:
    """It reads the bytes as cp1252, and saves what it read as UTF-8; what was typed there later is right."""
    seen = "".join(bytes([byte]).decode("cp1252" if byte not in ODD else "latin-1") for byte in text.encode())
    assert undoubled(seen) == text


@pytest.mark.parametrize("text", ["Müller", "Jörg – 漢字", "½ Punkt", "Élodie", "naïve Ω", "À ½"])
def test_what_is_right_stays(tmp_path: Path, text: str) -> None:
    (row,) = read_table(table(tmp_path, f"id,comment\nann,{text}\n")).rows
    assert row.cells["comment"] == text


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    """The same in both is no matter; else nobody can tell which of them is meant."""
    text = "id,points,note,points\nann,2,,2\nbob,2,,0\n"
    found = read_table(table(tmp_path, text), row_by_row=True)
    assert [dict(row.cells) for row in found.rows] == [{"id": "ann", "points": "2", "note": ""}]
    told = "the column points is there twice, with '2' and '0'; keep one of them"
    assert found.faults == ((3, told),)
    with pytest.raises(UsageError, match=rf"line 3: {told}"):
        read_table(table(tmp_path, text))


def test_only_needed_columns_are_needed(tmp_path: Path) -> None:
    (row,) = read_table(table(tmp_path, "a,b,c\n1,2\n"), ["a", "z"]).rows
    assert dict(row.cells) == {"a": "1", "b": "2"}
    assert read_table(table(tmp_path, "")).columns == ()


def test_an_address_that_differs_from_run_to_run_is_left_out() -> None:
    assert (
        cleaned(f"got {object()}, {cleaned!r}") == "got <object object at 0x...>, <function cleaned at 0x...>"
    )
    assert cleaned("the mask 0xffffff00, at 0x1f") == "the mask 0xffffff00, at 0x1f"
