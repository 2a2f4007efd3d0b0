"""Small hand-ins that cost much: what the grader's own process does with them grows with their size only.

No clock and no bound of memory holds for that process: what a sandbox would stop has to end by itself here.
"""

from __future__ import annotations

import io
import json
import re
import struct
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest
from handed_in import COMPLETE, MODULES, book, foldered
from harness import lab
from lab06.by_hand import BY_HAND
from platform_class import packed, tarred
from tries import in_ci_but, params

from autograder.grading.shortcuts import _intruding, _read, intrusions, shortcuts
from autograder.handin.imports import imports_of, remarks, runnable
from autograder.handin.naming import is_copy, meant, which_one
from autograder.handin.python import compiled, newer_syntax
from autograder.handin.reading import read_modules
from autograder.modules import Modules
from autograder.report.prose import prose
from autograder.report.similarity import compare
from autograder.submission import SubmissionError, open_submission
from autograder.submission.exports import Intake, find_handed_in
from autograder.submission.notebook import answers
from autograder.submission.pictures import MAX_PICTURES
from autograder.submission.source import MAX_ENTRIES, MAX_PARTS, ONE, entries
from autograder.submission.tars import MAX_HEADER, MAX_RECORDS

MIB = 1 << 20


def best(work: Callable[[], object], enough: float = 0.0, times: int = 3) -> float:
    """The least processor time that some work takes; less than `enough` is little enough at once."""
    taken: list[float] = []
    while len(taken) < times and min(taken, default=enough) >= enough:
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def grows(work: Callable[[int], object], size: int) -> None:
    """Fails where the time of some work grows with the square of its size: 4 of 4 n and not 16."""
    least = max(best(lambda: work(size)), 0.001)
    most = best(lambda: work(4 * size), 8 * least)
    assert most < 8 * least, f"{least:.4f} s, and {most:.4f} s for four times as much"


def refused(path: Path) -> str:
    with pytest.raises(SubmissionError) as error:
        open_submission(path, lab())
    return str(error.value).removeprefix(f"{path}: ")


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# ---- archives ----------------------------------------------------------------------------------------

KINDS: Mapping[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "zip": packed,
    "tar": lambda files: tarred(dict(files)),
}
LONG = {
    "a/" * MAX_PARTS + "b.py": "has more than 32 parts",
    "a\\" * MAX_PARTS + "b.py": "has more than 32 parts",
    "a" * 256 + ".py": "has a part of more than 255 bytes",
    "é" * 128: "has a part of more than 255 bytes",
    ("a" * 200 + "/") * 5 + "bc" * 20: "is longer than 1,024 bytes",
    "a/" * 20_000 + "b": "is longer than 1,024 bytes",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LONG, ids=range(len(LONG)))
def test_a_name_that_no_file_system_keeps_is_told(tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / f"hers.{kind}"
    path.write_bytes(KINDS[kind]({**MODULES, name: b""}))
    told = refused(path)
    assert told.startswith("refused, the name of its entry '")
    assert told.endswith(f"make the {kind} again")
    assert LONG[name] in told
    assert len(told) < 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_names_that_a_file_system_keeps_are_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"hers.{kind}"
    names = ["a/" * (MAX_PARTS - 1) + "b", "a" * 255, ("a" * 255 + "/") * 4]
    path.write_bytes(KINDS[kind]({**COMPLETE, **dict.fromkeys(names, b"")}))
    assert set(open_submission(path, lab()).sources) == {name[:-3] for name in MODULES}


def test_the_longest_names_in_a_folder_are_read(tmp_path: Path) -> None:
    folder = foldered(tmp_path / "hers", {**COMPLETE, "a" * 255: b"", "a/" * (2 * MAX_PARTS) + "b": b""})
    assert set(open_submission(folder, lab()).sources) == {name[:-3] for name in MODULES}


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_name_of_what_is_never_read_costs_nothing(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"hers.{kind}"
    path.write_bytes(KINDS[kind]({**COMPLETE, "a/node_modules/" * MAX_PARTS + "b.js": b""}))
    assert open_submission(path, lab()).answers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["ann/" + "a/" * MAX_PARTS + "b", "ann/" + "a" * 300])
def test_in_a_class_a_long_name_costs_its_own_row_only(tmp_path: Path, kind: str, name: str) -> None:
    files = {f"{who}/{file}": text for who in ("ann", "bea", "cem") for file, text in COMPLETE.items()}
    path = tmp_path / f"class.{kind}"
    path.write_bytes(KINDS[kind]({**files, name: b"", "x" * 300: b""}))
    ann, *others = find_handed_in(path, lab(), intake=Intake(many=True))
    with pytest.raises(SubmissionError, match=r"ann: refused, the name of its entry 'ann/a.*make the"):
        ann.open(lab())
    assert [one.id for one in others] == ["bea", "cem"]
    assert all(one.open(lab()).answers for one in others)


def header(kind: bytes, records: bytes) -> bytes:
    """An extended header of a tar: of the next member (x), or of all that follow (g)."""
    info = tarfile.TarInfo("pax")
    info.type, info.size = kind, len(records)
    return info.tobuf(tarfile.USTAR_FORMAT) + records + bytes(-len(records) % 512)


def record(key: str, value: str = "") -> bytes:
    rest = f" {key}={value}\n".encode()
    length = len(rest)
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return str(length).encode() + rest


def plain_tar(files: Mapping[str, bytes]) -> bytes:
    return tarred(dict(files), "w:")


HEADERS = {
    "keys of all members": header(b"g", b"".join(record(f"k{n}") for n in range(90_000))),
    "a value of all members": header(b"g", record("comment", "x" * 20_000)),
    "many keys": header(b"x", b"".join(record(f"k{n}") for n in range(MAX_RECORDS + 1))),
    "headers in a row": header(b"x", record("comment", "x" * 9_000)) * 8,
    "one that is long": header(b"x", record("comment", "x" * MAX_HEADER)),
    "one digit after another": header(b"x", record("comment", "1" * 2_000)),
    "a record that begins within the last": header(b"x", b"2 " * 5_000 + b"=\n"),
    "a record of no length": header(b"x", b"0 a=\n"),
    "a record without a key": header(b"x", b"4 a\n"),
}


@pytest.mark.parametrize("begins", HEADERS.values(), ids=HEADERS)
def test_headers_that_cost_more_than_their_size(tmp_path: Path, begins: bytes) -> None:
    path = tmp_path / "hers.tar"
    path.write_bytes(begins + plain_tar({f"{n}.txt": b"" for n in range(300)} | COMPLETE))
    assert "one of its headers is too long" in refused(path)
    assert peak(lambda: refused(path)) < 4 * MIB


def test_headers_that_honest_programs_write_are_read(tmp_path: Path) -> None:
    path = tmp_path / "hers.tar"
    notes = header(b"g", record("comment", "a" * 40)) + header(
        b"x", record("LIBARCHIVE.xattr.x", "YWJj" * 999)
    )
    path.write_bytes(notes + plain_tar(COMPLETE | {"ü" * 100 + ".txt": b"", "n" * 200: b""}))
    assert set(open_submission(path, lab()).sources) == {name[:-3] for name in MODULES}


def test_no_more_members_are_listed_than_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[object] = []
    following = tarfile.TarFile.next

    def counted(tar: tarfile.TarFile) -> tarfile.TarInfo | None:
        listed.append(tar)
        return following(tar)

    path = tmp_path / "hers.tar"
    path.write_bytes(plain_tar({f"{n}": b"" for n in range(3 * MAX_ENTRIES)}))
    monkeypatch.setattr(tarfile.TarFile, "next", counted)
    assert "holds more than 5000 files" in refused(path)
    assert len(listed) < 1.3 * MAX_ENTRIES


def test_what_no_one_reads_is_not_listed_without_end(tmp_path: Path) -> None:
    path = tmp_path / "hers.tar"
    path.write_bytes(plain_tar({f".git/{n}": b"" for n in range(300)} | COMPLETE))
    assert open_submission(path, lab()).answers
    with pytest.raises(SubmissionError, match="holds more than"), entries(path, replace(ONE, members=299)):
        pass


def test_what_a_zip_says_beside_a_name_is_bounded(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("model.py")
        info.extra = struct.pack("<HH", 9, 0) * 16_000
        archive.writestr(info, b"")
    path = tmp_path / "hers.zip"
    path.write_bytes(stream.getvalue())
    assert "holds more than" in refused(path)


# ---- names -------------------------------------------------------------------------------------------

NAMES = {
    "dashes": lambda n: "model" + "-" * n + "x.py",
    "dashes at the end": lambda n: "model" + "-" * n + ".py",
    "spaces": lambda n: "model" + " " * n + "x.py",
    "suffixes": lambda n: "x" + "_1" * n + ".py",
    "numbers": lambda n: "x" + "(1)" * n + ".py",
    "digits": lambda n: "x(" + "1" * n + ".py",
    "copies": lambda n: "copy of " * n + "x.py",
    "copies at the end": lambda n: "x" + " copy" * n + ".py",
    "endings": lambda n: "model.py" + ".txt" * n,
}


@pytest.mark.slow
@pytest.mark.parametrize("make", NAMES.values(), ids=NAMES)
def test_a_name_costs_what_it_is_long(make: Callable[[int], str]) -> None:
    grows(lambda n: [meant(make(n), ["model", "training"]), is_copy(make(n), "lab06.ipynb")], 8_000)
    few, many = (peak(partial(is_copy, make(n), "model.py")) for n in (1_000, 4_000))
    assert many < 8 * few + 10_000


@pytest.mark.parametrize(
    "name",
    [
        *("Model.py", "model (1).py", "model_1.py", "model-1.py", "model - copy.py", "Kopie von model.py"),
        *("copy of model (2)_1.py", "model copy 3.py", "model_1_2(3).py", "model -_ (12).py.txt"),
        *("model_kopie_2.py", "copy of copy of model.py", "model\u00a0(1).py", "model.py.py"),
    ],
)
def test_names_that_no_one_chose(name: str) -> None:
    assert is_copy(name, "model.py")


@pytest.mark.parametrize(
    "name",
    ["model2.py", "models.py", "model_1234.py", "model_old.py", "my model.py", "model(1)x.py"],
)
def test_names_that_someone_chose(name: str) -> None:
    assert not is_copy(name, "model.py")


def test_of_many_copies_a_few_are_told() -> None:
    assert which_one([f"model ({n}).py" for n in range(9)], "model.py").endswith(
        "model (4).py and 4 more is it? Rename that one to model.py."
    )


# ---- the text of modules -----------------------------------------------------------------------------

DEEP = {
    "elif": "if a:\n    pass\n" + "elif a:\n    pass\n" * 5_000,
    "elif of 1,200": "import torch\nif a:\n    pass\n" + "elif a:\n    import scipy\n" * 1_200,
    "else if": "".join("{0}if a:\n{0}    pass\n{0}else:\n".format(" " * n) for n in range(90))
    + " " * 90
    + "a\n",
    "attributes": "a" + ".b" * 5_000 + "\n",
    "attributes of an import": "import torch\ndef f():\n    return torch" + ".conv2d" * 5_000 + "\n",
    "calls": "a" + "()" * 5_000 + "\n",
    "brackets": "a = " + "(" * 5_000 + "1" + ")" * 5_000 + "\n",
    "lists": "a = " + "[" * 5_000 + "]" * 5_000 + "\n",
    "lists of 150": "a = " + "[" * 150 + "]" * 150 + "\n",
    "sums": "a = " + "1+" * 10_000 + "1\n",
    "signs": "a = " + "-" * 10_000 + "1\n",
    "powers": "a = " + "1**" * 10_000 + "1\n",
    "nots": "a = " + "not " * 5_000 + "1\n",
    "choices": "a = " + "1 if 1 else " * 5_000 + "1\n",
    "functions": "".join(" " * n + "def f():\n" for n in range(95)) + " " * 95 + "import scipy\n",
    "functions of functions": "a = " + "lambda: " * 5_000 + "1\n",
    "subscripts": "a" + "[0]" * 5_000 + "\n",
    "handlers": "".join(f"{' ' * n}try:\n" for n in range(95)) + " " * 95 + "import scipy\n",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_no_depth_of_a_text_is_the_graders_fault(text: str) -> None:
    """Every walk over a student's text in the grader's own process ends by itself."""
    text = f"def apply_convolution(img, kernel):\n    return f()\n{text}"
    question = next(q for q in lab().questions if "apply_convolution" in q.functions)
    imports_of(text)
    runnable(f"%matplotlib inline\n{text}")
    newer_syntax(text, "convolution")
    list(remarks("convolution", text, {"convolution"}))
    intrusions(text, "convolution", {"autograder"})
    shortcuts({"convolution": text}, question, None, BY_HAND)
    compare({"ann": {"convolution.py": text}, "bea": {"convolution.py": text}}, {}, {})
    read = read_modules({"convolution.py": lambda limit: text.encode()}, ["convolution"])
    assert read.sources == {"convolution": text}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_too_deeply_is_told_with_its_line(text: str) -> None:
    with Modules({"work": f"import math\n\n{text}"}) as modules:
        try:
            modules.load("work")
        except (SyntaxError, NameError, TypeError, AttributeError, ImportError, OverflowError) as error:
            failure = modules.failure(error)
            assert re.search(r"work\.py, line ([3-9]|\d\d+)", failure.trace), failure


@pytest.mark.parametrize(
    "text", ["b = [\n" + "    1 +\n" * 10_000 + "    1]\nc = 2\n", DEEP["elif"]], ids=["sum", "elif"]
)
def test_the_deepest_line_is_named(text: str) -> None:
    with suppress(RecursionError, MemoryError):
        compile(f"a = 1\n{text}", "work.py", "exec")
        pytest.skip("this Python compiles it")
    with pytest.raises(SyntaxError, match="nested too deeply") as error:
        compiled(f"a = 1\n{text}", "work")
    assert (error.value.filename, error.value.lineno) == ("work.py", 2)


def test_imports_come_in_their_order() -> None:
    text = dedent(
        """
        import a
        try:
            import b
            if x:
                import c
        except ImportError:
            import d
        else:
            import e
        finally:
            import f
        if TYPE_CHECKING:
            import g
        elif y:
            import h
        match x:
            case 1:
                import i
        with x:
            import j
        """
    )
    found = [(each.name, each.guarded) for each in imports_of(text)]
    assert found == [(name, name in "bc") for name in "abcdefhij"]


TEXTS = {
    "lines of %": lambda n: "%matplotlib inline\n" * n + "x = 1\n",
    "lines of % that are no Python": lambda n: "%matplotlib inline\n" * n + "x = (\n",
    "spaces before %": lambda n: " " * (20 * n) + "x\n",
    "elif": lambda n: "if a:\n    pass\n" + "elif a:\n    import scipy\n" * (n // 8),
    "imports": lambda n: "import scipy\n" * n,
    "imports of names": lambda n: "".join(f"from m{k} import a{k}\na{k}\n" for k in range(n // 4)),
    "names of an import": lambda n: "from m import " + ", ".join(f"a{k}" for k in range(n)) + "\n",
    "attributes": lambda n: (
        "import torch\ndef apply_convolution():\n" + f"    torch{'.b' * 400}\n" * (n // 200)
    ),
    "attributes in a row": lambda n: f"import torch\ndef apply_convolution():\n    torch{'.b' * (n // 20)}\n",
    "functions that call each other": lambda n: (
        "def apply_convolution(): f0\n" + "".join(f"def f{k}(): f{k + 1}; f{k + 2}\n" for k in range(n // 8))
    ),
    "names of Python's inside": lambda n: "x.f_back\n" * n,
    "strings": lambda n: "x = " + "'" * 3 + '"' * n + "\n",
    "quotes": lambda n: "'\n" * n,
    "numbers": lambda n: "1e" * n + "\n",
    "signs": lambda n: "* " * n + "\n",
    "comments": lambda n: "# a\n" * n,
}


@pytest.mark.slow
@pytest.mark.parametrize("make", in_ci_but(3, params(TEXTS)))
def test_a_text_costs_what_it_is_long(make: Callable[[int], str]) -> None:
    question = next(q for q in lab().questions if "apply_convolution" in q.functions)

    def work(n: int) -> None:
        for cache in (imports_of, runnable, _intruding, _read):
            cache.cache_clear()
        text = make(n)
        list(remarks("convolution", text, {"convolution"}))
        newer_syntax(runnable(text)[0], "convolution")
        intrusions(text, "convolution", {"autograder"})
        shortcuts({"convolution": text}, question, None, BY_HAND)
        compare({"ann": {"convolution.py": text}}, {}, {})

    grows(work, 4_000)


# ---- notebooks ---------------------------------------------------------------------------------------

QUESTION = next(question.id for question in lab().questions if question.written)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def headings(n: int) -> list[tuple[str, str]]:
    return [("", f"### {QUESTION}\nbecause\n" * n)]


BOOKS: dict[str, Callable[[int], list[tuple[str, str]]]] = {
    "headings": headings,
    "headings that name many": lambda n: [("", "# " + f"{QUESTION} q1_1 " * n)],
    "cells of headings": lambda n: headings(1) * (n // 8),
    "marked cells": lambda n: [(QUESTION, "because")] * (n // 8),
    "pictures": lambda n: [(QUESTION, "![a](a.png)" * n)],
    "pictures of many names": lambda n: [(QUESTION, "".join(f"![a](a{k}.png)" for k in range(n)))],
    "definitions": lambda n: [(QUESTION, "".join(f"![a][b{k}]\n\n[b{k}]: a.png\n" for k in range(n)))],
    "beginnings of pictures": lambda n: [(QUESTION, "![" * n + "<img src=" * n)],
    "references": lambda n: [(QUESTION, "![a]" * n + "\n[a]: " + "<" * n)],
}


@pytest.mark.slow
@pytest.mark.parametrize("make", BOOKS.values(), ids=BOOKS)
def test_a_notebook_costs_what_it_is_long(make: Callable[[int], list[tuple[str, str]]]) -> None:
    def work(n: int) -> None:
        cells = [
            {"cell_type": "markdown", "metadata": {"convlab": {"question": question}}, "source": text}
            for question, text in make(n)
        ]
        data = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}).encode()
        answers(data, {QUESTION}, None, {}, lambda place: PNG)

    grows(work, 4_000)


ANSWERS = {
    "brackets": "[",
    "pictures": "![",
    "links": "[a](",
    "emphasis": "*a **b _c ",
    "backticks": "`" + "".join("`" * k + "a" for k in range(250)),
    "quotes": "> ",
    "lists": "".join("  " * k + "- a\n" for k in range(170)),
    "definitions": "[a]: b\n",
    "wide tables": "|a" * 600 + "\n" + "|-" * 600 + "\n" + "|a\n" * 20 + "\n",
    "signs of HTML": "<a &#",
    "formulas": "$a$ ",
    "beginnings of formulas": "$a \\begin{align} \\[ ",
    "fractions": "$" + "\\frac{1}{" * 3_000 + "$",
    "powers": "$" + "a^" * 9_000 + "$",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", in_ci_but(3, params(ANSWERS)))
def test_an_answer_on_a_page_costs_what_it_is_long(text: str) -> None:
    grows(lambda n: prose((text * (n // len(text) + 1))[:n]), 8_000)


@pytest.mark.parametrize("text", ["![a](a.png)" * 9_000, "".join(f"![a](a{n}.png)" for n in range(9_000))])
@pytest.mark.parametrize("scheme", ["", "attachment:"])
def test_a_picture_is_read_a_few_times_however_often_it_is_named(text: str, scheme: str) -> None:
    asked: list[str] = []

    def beside(place: str) -> bytes:
        asked.append(place)
        return PNG

    text = text.replace("(a", f"({scheme}a")
    pictures: dict[str, str] = {}
    found = answers(book((QUESTION, text)), {QUESTION}, None, pictures, beside)[QUESTION]
    assert len(asked) <= (0 if scheme else 8 * MAX_PICTURES)
    assert len(pictures) == (0 if scheme else 1)
    assert found.text
