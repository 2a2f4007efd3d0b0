"""Folders and zips as students hand them in, and as they should not."""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from handed_in import ALL_ANSWERS, COMPLETE, MODULES, book, foldered, zipped
from harness import lab
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from autograder.handin.answers import MAX_ANSWER
from autograder.handin.reading import MAX_MODULE, MAX_NOTEBOOK
from autograder.submission import (
    Submission,
    SubmissionError,
    find_handed_in,
    find_submissions,
    open_submission,
    submission_id,
)
from autograder.submission.source import MAX_DIRECTORY, MAX_ENTRIES

MIB = 1 << 20
LINK = stat.S_IFLNK << 16


@pytest.fixture(params=["zip", "folder"])
def hand_in(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Mapping[str, bytes]], Submission]:
    """Hands files in, as a zip and as a folder."""

    def make(files: Mapping[str, bytes]) -> Submission:
        if request.param == "zip":
            return open_submission(zipped(tmp_path / "hers.zip", files), lab())
        return open_submission(foldered(tmp_path / "hers", files), lab())

    return make


HandIn = Callable[[Mapping[str, bytes]], Submission]


def refused(path: Path) -> str:
    """The reason for which a path is refused; it names the path."""
    with pytest.raises(SubmissionError) as error:
        open_submission(path, lab())
    assert str(error.value).startswith(f"{path}: ")
    return str(error.value).removeprefix(f"{path}: ")


# ---- what honest people hand in ----------------------------------------------------------------------


def test_complete(hand_in: HandIn) -> None:
    submission = hand_in(COMPLETE)
    assert submission.id == "hers"
    assert submission.sources == {name[:-3]: text.decode() for name, text in MODULES.items()}
    assert submission.answers == dict(ALL_ANSWERS)
    assert (submission.problems, submission.notes) == ({}, ())


def test_digest_is_of_contents_alone(tmp_path: Path) -> None:
    one = open_submission(zipped(tmp_path / "one.zip", COMPLETE), lab())
    two = open_submission(foldered(tmp_path / "two", {**COMPLETE, "notes.txt": b"x"}), lab())
    three = open_submission(foldered(tmp_path / "three", {**COMPLETE, "model.py": b"1"}), lab())
    assert one.digest == two.digest != three.digest


def test_one_folder_deep(hand_in: HandIn) -> None:
    submission = hand_in({f"lab 6/{name}": text for name, text in COMPLETE.items()})
    assert set(submission.sources) == {name[:-3] for name in MODULES}
    assert submission.answers
    assert submission.notes == ("The files were found in the folder lab 6.",)


@pytest.mark.parametrize("folder", ["lab6-jdoe-main/lab06", "home/dora/cv/lab06"])
def test_several_folders_deep(hand_in: HandIn, folder: str) -> None:
    submission = hand_in({f"{folder}/{name}": text for name, text in COMPLETE.items()})
    assert set(submission.sources) == {name[:-3] for name in MODULES}
    assert submission.answers
    assert submission.notes == (f"The files were found in the folder {folder}.",)


def test_the_highest_folder_of_modules_counts(hand_in: HandIn) -> None:
    submission = hand_in({"a/b/model.py": b"1", "a/b/c/model.py": b"2", "a/b/c/training.py": b""})
    assert submission.sources == {"model": "1"}


def test_folders_deep_down_cost_nothing_above(tmp_path: Path) -> None:
    folder = foldered(tmp_path / "hers", {"lab06.ipynb": COMPLETE["lab06.ipynb"], "venv/lib/site/x": b""})
    for n in range(MAX_ENTRIES):
        (folder / f"venv/lib/site/{n}.txt").touch()
    assert open_submission(folder, lab()).answers == dict(ALL_ANSWERS)


@pytest.mark.parametrize("count", [300])
def test_work_grows_with_the_number_of_files_only(tmp_path: Path, count: int) -> None:
    def calls(n: int) -> int:
        names = {f"{k}/Model.py": b"" for k in range(n)} | {f"model-{k}.py": b"" for k in range(n)}
        path = zipped(tmp_path / f"{n}.zip", {**MODULES, **names})
        made = 0

        def count_one(*_: object) -> None:
            nonlocal made
            made += 1

        sys.setprofile(count_one)
        try:
            open_submission(path, lab())
        finally:
            sys.setprofile(None)
        return made

    assert calls(2 * count) < 2.2 * calls(count)


def test_notebook_beside_the_folder_of_modules(hand_in: HandIn) -> None:
    files = {f"code/{name}": text for name, text in MODULES.items()}
    assert hand_in({**files, "lab06.ipynb": COMPLETE["lab06.ipynb"]}).answers == dict(ALL_ANSWERS)


def test_what_a_mac_and_jupyter_add_is_ignored(hand_in: HandIn) -> None:
    extra = ("__MACOSX/._model.py", "__MACOSX/model.py", ".ipynb_checkpoints/lab06.ipynb", ".DS_Store")
    submission = hand_in({**COMPLETE, **dict.fromkeys(extra, b"junk"), "__pycache__/model.pyc": b"x"})
    assert submission.sources["model"] == "# model\n"
    assert submission.notes == ()


def test_notebook_only(hand_in: HandIn) -> None:
    submission = hand_in({"lab06.ipynb": COMPLETE["lab06.ipynb"]})
    assert (submission.sources, submission.problems) == ({}, {})
    assert submission.answers == dict(ALL_ANSWERS)


def test_modules_only(hand_in: HandIn) -> None:
    assert hand_in(MODULES).notes == ("No notebook was handed in, so there are no written answers.",)


def test_top_wins_over_a_folder(hand_in: HandIn) -> None:
    submission = hand_in({"model.py": b"new", "old/model.py": b"old", "old/training.py": b"old"})
    assert submission.sources == {"model": "new"}
    assert "Not read: old/model.py, old/training.py." in submission.notes


@pytest.mark.parametrize("name", ["Model.py", "MODEL.PY", "model (1).py", "model.py.txt", "model-1.py"])
def test_nearly_the_right_name(hand_in: HandIn, name: str) -> None:
    files = {key: text for key, text in MODULES.items() if key != "model.py"}
    submission = hand_in({**files, name: b"x = 1"})
    assert submission.sources["model"] == "x = 1"
    assert not submission.problems
    assert f"{name} is read as model.py: rename it." in submission.notes


def test_where_two_files_may_be_meant_none_is_read(hand_in: HandIn) -> None:
    files = {key: text for key, text in MODULES.items() if key != "model.py"}
    submission = hand_in({**files, "model (1).py": b"x = 1", "model (2).py": b"x = 2"})
    told = "model.py is missing; which of model (1).py, model (2).py is it? Rename that one to model.py."
    assert submission.problems == {"model": told}


def test_a_name_that_someone_chose_is_not_read_as_another(hand_in: HandIn) -> None:
    files = {key: text for key, text in MODULES.items() if key != "model.py"}
    submission = hand_in({**files, "model_old.py": b"x = 1"})
    assert submission.problems == {"model": "model.py is missing; rename model_old.py to model.py."}


def test_nearly_the_right_name_beside_the_right_one(hand_in: HandIn) -> None:
    submission = hand_in({**COMPLETE, "model (1).py": b"x"})
    assert submission.sources["model"] == "# model\n"
    assert submission.notes == ("Not read: model (1).py.",)


@pytest.mark.parametrize("name", ["models.py", "submodel.py", "model.pyc", "model", "lab/x/model.py"])
def test_other_names_are_no_modules(hand_in: HandIn, name: str) -> None:
    submission = hand_in({"training.py": b"x = 1", name: b"y"})
    assert (set(submission.sources), submission.problems) == ({"training"}, {})


def test_odd_names_disturb_nothing(hand_in: HandIn) -> None:
    odd = ("näme 日本.txt", "a\tb\nc.txt", "[red]x.txt", "-rf", "=1+1.csv", "e\u0301.py")
    assert set(hand_in({**COMPLETE, **dict.fromkeys(odd, b"")}).sources) == {n[:-3] for n in MODULES}


def test_notes_hold_no_control_characters(hand_in: HandIn) -> None:
    submission = hand_in({f"\x1b[31m\u202elab\n/{name}": text for name, text in COMPLETE.items()})
    assert submission.notes == ("The files were found in the folder ?[31m?lab?.",)


def test_backslashes_of_an_old_windows_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {f"labX{name}": text for name, text in MODULES.items()})
    path.write_bytes(path.read_bytes().replace(b"labX", b"lab\\"))
    assert len(open_submission(path, lab()).sources) == 4


# ---- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
        (b"x = 1\ry = 2", "x = 1\ny = 2"),
        ("# é\n".encode(), "# é\n"),
        (b"# -*- coding: latin-1 -*-\n# \xe9\n", "# -*- coding: latin-1 -*-\n# é\n"),
        (b"#!/usr/bin/python\n# coding: CP1252\n# \x80\n", "#!/usr/bin/python\n# coding: CP1252\n# €\n"),
        (b"\xef\xbb\xbf# coding: utf-8\nx = 1", "# coding: utf-8\nx = 1"),
        (b"", ""),
    ],
)
def test_text_as_python_reads_it(hand_in: HandIn, data: bytes, text: str) -> None:
    assert hand_in({"model.py": data}).sources == {"model": text}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"x\n\n# \xe9\n", "model.py, line 3: byte 0xe9 is not UTF-8; save the file as UTF-8."),
        (b"\xef\xbb\xbfx\n# \xe9", "model.py, line 2: byte 0xe9 is not UTF-8; save the file as UTF-8."),
        (b"x\r\r# \xe9", "model.py, line 3: byte 0xe9 is not UTF-8; save the file as UTF-8."),
        (b"# coding: ascii\n\xc3\xa9", "model.py, line 2: byte 0xc3 is not ASCII; save the file as UTF-8."),
        (b"x = 1\n\0", "model.py, line 2: a NUL byte; save the file as UTF-8 text."),
        ("x = 1".encode("utf-16"), "model.py, line 1: a NUL byte; save the file as UTF-8 text."),
        (
            b"# coding: utf-7\nx",
            "model.py, line 1: encoding utf-7 is not supported; save the file as UTF-8.",
        ),
        (
            b"#!/usr/bin/python\n# coding: koi8-r\n",
            "model.py, line 2: encoding koi8-r is not supported; save the file as UTF-8.",
        ),
        (b"#" * (MAX_MODULE + 1), "model.py: it is larger than 256 KiB."),
    ],
)
def test_text_that_cannot_be_read_is_one_modules_problem(hand_in: HandIn, data: bytes, told: str) -> None:
    submission = hand_in({**COMPLETE, "model.py": data})
    assert submission.problems == {"model": told}
    assert set(submission.sources) == {"training", "convolution", "gradient"}


@tries(200)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_problem(data: bytes) -> None:
    path = SCRATCH / "any"
    submission = open_submission(foldered(path, {"model.py": data}), lab())
    assert ("model" in submission.sources) != ("model" in submission.problems)


# ---- the notebook ----------------------------------------------------------------------------------


def test_answers_are_found_by_metadata_in_any_notebook(hand_in: HandIn) -> None:
    submission = hand_in({**MODULES, "my copy.ipynb": book(("q2_3", "a *b*"), ("q9_9", "c"))})
    assert submission.answers == {"q2_3": "a *b*"}
    first, second = submission.notes
    assert first == "my copy.ipynb is read as lab06.ipynb: rename it."
    assert second.startswith("The notebook has no answer cell for q3_1, q3_2, q3_5")


def test_a_split_answer_is_joined(hand_in: HandIn) -> None:
    data = book(("q2_3", "first"), ("q2_3", "  "), ("q2_3", "second"))
    assert hand_in({"lab06.ipynb": data}).answers == {"q2_3": "first\n\nsecond"}


def test_an_answer_is_cut(hand_in: HandIn) -> None:
    answers = hand_in({"lab06.ipynb": book(("q2_3", "x" * (MAX_ANSWER + 9)))}).answers
    assert len(answers["q2_3"]) == MAX_ANSWER


def test_half_a_surrogate_pair_in_an_answer(hand_in: HandIn) -> None:
    answer = hand_in({"lab06.ipynb": book(("q2_3", "Z")).replace(b'"Z"', b'"\\ud800"')}).answers["q2_3"]
    assert answer == "?"


def test_lab_notebook_wins_over_others(hand_in: HandIn) -> None:
    submission = hand_in({**COMPLETE, "scratch.ipynb": book(("q2_3", "no"))})
    assert submission.answers["q2_3"] == "because"


def test_two_notebooks_of_other_names(hand_in: HandIn) -> None:
    submission = hand_in({**MODULES, "a.ipynb": book(), "b.ipynb": book()})
    assert submission.answers == {}
    assert submission.notes == (
        "Written answers were not read: of a.ipynb, b.ipynb, none is named lab06.ipynb.",
    )


def test_notebook_of_version_3(hand_in: HandIn) -> None:
    cell = {"cell_type": "markdown", "metadata": {"convlab": {"question": "q2_3"}}, "source": ["old"]}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    assert hand_in({"lab06.ipynb": json.dumps(old).encode()}).answers == {"q2_3": "old"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        b"[1, 2]",
        b"{}",
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 7}',
        b'{"nbformat": "four", "cells": []}',
        b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        b"[" * 100_000,
        b'{"nbformat": ' + b"9" * 100_000 + b"}",
    ],
)
def test_what_is_no_notebook_costs_the_answers_alone(hand_in: HandIn, data: bytes) -> None:
    submission = hand_in({**MODULES, "lab06.ipynb": data})
    assert len(submission.sources) == 4
    assert submission.answers == {}
    assert len(submission.notes) == 1
    assert submission.notes[0].startswith(
        "Written answers were not read from lab06.ipynb: it is not a notebook"
    )


@pytest.mark.parametrize(
    "cells",
    [
        [None, 3, "x", [], {}],
        [{"metadata": None}, {"metadata": {"convlab": 3}}, {"metadata": {"convlab": {"question": ["q2_3"]}}}],
        [{"metadata": {"convlab": {"question": "q2_3"}}, "source": {"a": 1}}],
    ],
)
def test_malformed_cells_are_no_answers(hand_in: HandIn, cells: list[object]) -> None:
    data = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()
    assert hand_in({**MODULES, "lab06.ipynb": data}).answers == {}


@pytest.mark.parametrize(
    "data", [b" " * (MAX_NOTEBOOK + 1), b'{"nbformat":4,"cells":[' + b"{}," * 10**6 + b"{}]}"]
)
def test_a_huge_notebook_is_not_parsed(hand_in: HandIn, data: bytes) -> None:
    submission = hand_in({**MODULES, "lab06.ipynb": data})
    assert submission.answers == {}
    assert "larger than 16384 KiB" in submission.notes[0] or "too large; clear" in submission.notes[0]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["metadata", "convlab", "question", "source", "cells", "nbformat", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@tries(150)
@given(cells=values, metadata=values, version=st.sampled_from([2, 3, 4, 4, 4, 5]))
def test_any_json_is_a_notebook_or_a_note(cells: object, metadata: object, version: int) -> None:
    data = {"nbformat": version, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    path = foldered(SCRATCH / "json", {**MODULES, "lab06.ipynb": json.dumps(data).encode()})
    submission = open_submission(path, lab())
    assert len(submission.sources) == 4
    assert all(isinstance(text, str) for text in submission.answers.values())


# ---- what cannot be read ---------------------------------------------------------------------------


def test_path_that_does_not_exist(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.zip") == "No such file or directory"


def test_empty_zip_and_empty_folder(tmp_path: Path) -> None:
    assert "the zip is empty" in refused(zipped(tmp_path / "e.zip", {}))
    assert "holds none of model.py" in refused(foldered(tmp_path / "e", {"a.txt": b""}))


@pytest.mark.parametrize("data", [b"", b"hello\n", b"PK\3\4 and no more", b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    assert refused(tmp_path / "x.zip") == "not a readable zip file; hand in a .zip or a folder"


def test_truncated_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", COMPLETE)
    path.write_bytes(path.read_bytes()[:-30])
    assert "not a readable zip file" in refused(path)


def test_a_zip_in_a_zip(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "lab.zip", COMPLETE).read_bytes()
    told = refused(zipped(tmp_path / "x.zip", {"lab.zip": inner}))
    assert told.endswith("neither at the top nor in a folder; hand in what is in lab.zip")


def test_something_else_than_file_or_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    assert "neither a folder nor a zip" in refused(tmp_path / "pipe.zip")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", COMPLETE)
    path.chmod(0)
    assert refused(path) == "Permission denied"
    folder = foldered(tmp_path / "x", COMPLETE)
    (folder / "model.py").chmod(0)
    told = open_submission(folder, lab()).problems["model"]
    assert told == "model.py: it cannot be read (Permission denied)."


def test_modules_in_several_folders(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a/model.py": b"", "b/model.py": b""})
    assert refused(path) == "modules in several folders (a, b); hand in one set of files"
    path = zipped(tmp_path / "y.zip", {"a/1.ipynb": b"", "b/1.ipynb": b""})
    assert refused(path) == "notebooks in several folders (a, b); hand in one set of files"


@pytest.mark.parametrize("name", ["model.py", "lab06.ipynb"])
def test_duplicates(tmp_path: Path, name: str) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for _ in range(2):
            archive.writestr(name, "x")
    assert refused(tmp_path / "x.zip") == f"holds {name} twice; hand in exactly one {name}"


def test_case_collisions(hand_in: HandIn) -> None:
    with pytest.raises(SubmissionError, match=r"holds MODEL\.py and model\.py; hand in exactly one"):
        hand_in({**COMPLETE, "MODEL.py": b"x"})


BAD_NAMES = [
    "/model.py",
    "../model.py",
    "a/../model.py",
    "\\model.py",
    "..\\model.py",
    "C:\\model.py",
    "c:model.py",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_point_elsewhere(tmp_path: Path, name: str) -> None:
    assert "points outside of the zip" in refused(zipped(tmp_path / "x.zip", {**COMPLETE, name: b""}))


def test_nul_in_a_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {**MODULES, "model.py?.txt": b"evil"})
    path.write_bytes(path.read_bytes().replace(b"model.py?.txt", b"model.py\0.txt"))
    assert "points outside" in refused(path)


# ---- hostile entries -------------------------------------------------------------------------------


def read_by_intake(path: Path, name: str = "model") -> str:
    """What is said of one module; the other three are read."""
    submission = open_submission(path, lab())
    assert name not in submission.sources
    assert len(submission.sources) == 3
    return submission.problems[name]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip(tmp_path: Path, kind: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in MODULES:
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind if name == "model.py" else stat.S_IFREG) << 16
            archive.writestr(info, "/etc/passwd")
    assert "symlink or not a regular file" in read_by_intake(tmp_path / "x.zip")


def test_links_in_a_folder(tmp_path: Path) -> None:
    folder = foldered(tmp_path / "x", MODULES)
    (tmp_path / "secret").write_text("secret")
    for target in (tmp_path / "secret", Path("/dev/zero"), tmp_path / "nowhere", folder / "model.py"):
        (folder / "model.py").unlink()
        (folder / "model.py").symlink_to(target)
        assert "symlink or not a regular file" in read_by_intake(folder)


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    foldered(tmp_path / "other", MODULES)
    foldered(tmp_path / "x", {"lab06.ipynb": b""})
    (tmp_path / "x" / "lab").symlink_to(tmp_path / "other")
    assert open_submission(tmp_path / "x", lab()).sources == {}


def test_pipe_and_folder_in_a_modules_place(tmp_path: Path) -> None:
    folder = foldered(tmp_path / "x", MODULES)
    (folder / "model.py").unlink()
    os.mkfifo(folder / "model.py")
    started = time.monotonic()
    assert "symlink or not a regular file" in read_by_intake(folder)
    assert time.monotonic() - started < 5
    (folder / "model.py").unlink()
    (folder / "model.py").mkdir()
    assert open_submission(folder, lab()).problems == {}


def patched(path: Path, name: str, local: int, central: int, value: bytes) -> Path:
    """Overwrite a field of an entry in both of its headers; the offsets are those of the format."""
    data = bytearray(path.read_bytes())
    for signature, offset, length in ((b"PK\3\4", local, 30), (b"PK\1\2", central, 46)):
        at = data.index(name.encode(), data.index(signature)) - length
        while data[at : at + 4] != signature:
            at = data.index(name.encode(), at + length + 1) - length
        data[at + offset : at + offset + len(value)] = value
    path.write_bytes(data)
    return path


def test_encrypted(tmp_path: Path) -> None:
    path = patched(zipped(tmp_path / "x.zip", MODULES), "model.py", 6, 8, b"\1\0")
    assert read_by_intake(path) == "model.py: it is encrypted; make the zip without a password."


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression(tmp_path: Path, compression: int) -> None:
    submission = open_submission(zipped(tmp_path / "x.zip", MODULES, compression), lab())
    assert submission.sources == {}
    assert "ordinary (deflate) compression" in submission.problems["model"]


def test_unknown_compression(tmp_path: Path) -> None:
    path = patched(zipped(tmp_path / "x.zip", MODULES), "model.py", 8, 10, struct.pack("<H", 77))
    assert "ordinary (deflate) compression" in read_by_intake(path)


def test_wrong_checksum_and_wrong_data(tmp_path: Path) -> None:
    path = patched(zipped(tmp_path / "x.zip", MODULES), "model.py", 14, 16, b"\1\2\3\4")
    assert "damaged in the zip (Bad CRC-32" in read_by_intake(path)
    path = zipped(tmp_path / "y.zip", {**MODULES, "model.py": b"x" * 500})
    data = path.read_bytes()
    start = data.index(b"model.py") + 8
    path.write_bytes(data[:start] + b"\xff" * 8 + data[start + 8 :])
    assert "damaged in the zip" in read_by_intake(path)


def peak_of(path: Path) -> int:
    """The most memory that Python held while a path was opened, or refused."""
    tracemalloc.start()
    try:
        open_submission(path, lab())
    except SubmissionError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 MiB of zeros in 200 kB."""
    return zipped(tmp_path_factory.mktemp("bomb") / "x.zip", {**MODULES, "model.py": bytes(200 * MIB)})


@pytest.mark.slow
def test_bomb_that_says_its_size(bomb: Path) -> None:
    assert "larger than 256 KiB" in read_by_intake(bomb)
    assert peak_of(bomb) < 4 * MIB


@pytest.mark.parametrize("declared", [10, MAX_MODULE])
def test_bomb_that_lies_about_its_size(bomb: Path, tmp_path: Path, declared: int) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(bomb.read_bytes())
    patched(path, "model.py", 22, 24, struct.pack("<L", declared))
    assert "damaged in the zip" in read_by_intake(path)
    assert peak_of(path) < 4 * MIB


def test_too_many_entries(tmp_path: Path) -> None:
    names = {f"{n}.txt": b"" for n in range(MAX_ENTRIES - 3)}
    assert f"more than {MAX_ENTRIES} files" in refused(zipped(tmp_path / "x.zip", {**MODULES, **names}))
    names.popitem()
    assert len(open_submission(zipped(tmp_path / "y.zip", {**MODULES, **names}), lab()).sources) == 4


def test_too_many_files_in_a_folder(tmp_path: Path) -> None:
    folder = foldered(tmp_path / "x", {"model.py": b""})
    for n in range(MAX_ENTRIES):
        (folder / f"{n}.txt").touch()
    assert f"more than {MAX_ENTRIES} files" in refused(folder)


def test_table_of_contents_that_is_too_long(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for n in range(1 + MAX_DIRECTORY // 60_000):
            info = zipfile.ZipInfo(f"{n}.txt")
            info.comment = bytes(60_000)
            archive.writestr(info, b"")
    assert "more than" in refused(tmp_path / "x.zip")
    assert peak_of(tmp_path / "x.zip") < MIB


def test_nothing_is_extracted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    zipped(tmp_path / "x.zip", {f"lab/{name}": text for name, text in COMPLETE.items()})
    open_submission(Path("x.zip"), lab())
    assert [path.name for path in tmp_path.rglob("*")] == ["x.zip"]


@tries(150)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_as_a_zip(data: bytes, signed: bool) -> None:
    path = SCRATCH / "any.zip"
    path.write_bytes((b"PK\3\4" if signed else b"") + data + (b"PK\5\6" + data[:18] if signed else b""))
    opened_or_refused(path)


@tries(300)
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.integers(0, 300),
)
def test_any_change_to_a_zip(changes: list[tuple[int, int]], compression: int, tail: int) -> None:
    path = zipped(SCRATCH / "changed.zip", MODULES, compression)
    data = bytearray(path.read_bytes())
    for position, value in changes:
        # Most of the changes fall into the table of contents, which lies at the end.
        data[-1 - position % (tail + 1) if tail else position % len(data)] = value
    path.write_bytes(data)
    opened_or_refused(path)


PARTS = st.sampled_from(
    ["model.py", "Model.PY", "training.py", "lab06.ipynb", "a", "..", ".", "", "C:", "\0", "~"]
)
NAMES = st.lists(PARTS | st.text(max_size=5), min_size=1, max_size=4).map("/".join)
ENTRIES = st.lists(
    st.tuples(NAMES, st.binary(max_size=60), st.integers(0, 0xFFFF), st.sampled_from([0, 8, 12, 14])),
    max_size=6,
)


@tries(300)
@given(ENTRIES)
def test_any_entries_in_a_zip(members: list[tuple[str, bytes, int, int]]) -> None:
    path = SCRATCH / "entries.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        for name, content, mode, compression in members:
            info = zipfile.ZipInfo("x")
            info.filename, info.external_attr = name.encode("utf-8", "replace").decode(), mode << 16
            archive.writestr(info, content, compression)
    opened_or_refused(path)


def test_an_entry_without_a_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", MODULES)
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = ""
        archive.writestr(info, b"x")
    assert len(open_submission(path, lab()).sources) == 4


def opened_or_refused(path: Path) -> None:
    """Nothing but SubmissionError may escape."""
    try:
        submission = open_submission(path, lab())
    except SubmissionError:
        return
    assert submission.sources or submission.problems or submission.notes
    assert all(len(text) <= MAX_MODULE for text in submission.sources.values())


@pytest.fixture(scope="module", autouse=True)
def _scratch(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder for tests that hypothesis calls many times."""
    global SCRATCH
    SCRATCH = tmp_path_factory.mktemp("scratch")


SCRATCH = Path()


# ---- names, and one or several ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann Bee.zip", "Ann Bee"),
        ("x.ZIP", "x"),
        ("..zip", "submission"),
        ("...zip", "submission"),
        (".zip", "submission"),
        ("a\x1b[1m\n.zip", "a?[1m?"),
        ("b\udcff.zip", "b?"),
        ("y" * 200, "y" * 69 + "~8ca9bfd43d"),
        ("\N{CAT}" * 100, "\N{CAT}" * 47 + "~cdff86278f"),
    ],
)
def test_id_is_fit_to_name_a_folder(tmp_path: Path, name: str, expected: str) -> None:
    assert submission_id(tmp_path / name) == expected


def several(path: Path) -> list[str]:
    return [found.name for found in find_submissions(path, lab())]


def test_a_folder_of_several(tmp_path: Path) -> None:
    foldered(tmp_path, {"bea/model.py": b"", "cy/lab/model.py": b"", "README.txt": b"", ".git/x": b""})
    zipped(tmp_path / "ann.zip", MODULES)
    assert several(tmp_path) == ["ann.zip", "bea", "cy"]


@pytest.mark.parametrize(
    "files",
    [
        {"model.py": b""},
        {"Model.py": b""},
        {"lab/model.py": b"", "notes.txt": b""},
        {"lab/lab06.ipynb": b""},
        {"lab06.ipynb": b"", "data/x": b"", "figures/y": b""},
        {"model.py": b"", "data/x": b"", "autograder/modules.py": b""},
    ],
)
def test_a_folder_that_is_one(tmp_path: Path, files: dict[str, bytes]) -> None:
    assert several(foldered(tmp_path / "hers", files)) == ["hers"]


@pytest.mark.parametrize("strays", [["model.py"], ["Training.py", "model (1).py"], [f"{n}" for n in MODULES]])
def test_strays_beside_a_class_do_not_make_it_one(tmp_path: Path, strays: list[str]) -> None:
    foldered(tmp_path, {**dict.fromkeys(strays, b""), **{f"s{n}/lab/model.py": b"" for n in range(3)}})
    for name in ("ann.zip", "bea.rar"):
        zipped(tmp_path / name, MODULES)
    found = [one.name for one in find_submissions(tmp_path, lab())]
    assert found == ["ann.zip", "bea.rar", "s0", "s1", "s2"]
    rows = [one for one in find_handed_in(tmp_path, lab()) if one.problem]
    assert sorted(one.id for one in rows) == sorted(strays)
    assert all("is not graded" in one.problem or "cannot be graded" in one.problem for one in rows)


def test_a_submission_with_old_copies_is_one(tmp_path: Path) -> None:
    zipped(
        foldered(tmp_path / "hers", {**MODULES, "old/model.py": b"", "v1/model.py": b""}) / "b.zip", MODULES
    )
    assert several(tmp_path / "hers") == ["hers"]


def test_archives_of_other_kinds_are_not_passed_over(tmp_path: Path) -> None:
    files = {"ann/model.py": b"", "bea.rar": b"Rar!", "cy.tar.gz": b"", "dee.7Z": b"", "README.md": b""}
    assert several(foldered(tmp_path, files)) == ["ann", "bea.rar", "cy.tar.gz", "dee.7Z"]
    assert "hand in a .zip or a folder" in refused(tmp_path / "bea.rar")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_locked_folder_beside_a_notebook(tmp_path: Path) -> None:
    foldered(tmp_path, {"lab06.ipynb": b"", "ann/x": b"", "bea/model.py": b"", "cy/model.py": b""})
    (tmp_path / "ann").chmod(0)
    assert several(tmp_path) == ["ann", "bea", "cy"]
    assert "Permission denied" in refused(tmp_path / "ann")


def test_a_notebook_beside_several(tmp_path: Path) -> None:
    foldered(tmp_path, {"lab06.ipynb": b"", "bea/model.py": b"", "cy/model.py": b""})
    assert several(tmp_path) == ["bea", "cy"]


def test_nothing_to_find(tmp_path: Path) -> None:
    for path, told in ((tmp_path / "nowhere", "No such file"), (tmp_path, "holds neither model.py")):
        with pytest.raises(SubmissionError, match=told):
            find_submissions(path, lab())


# ---- what a module imports, and files of a student's own -------------------------------------------------


def test_what_a_module_imports_is_handed_in_with_it(hand_in: HandIn) -> None:
    own = {
        "gradient.py": b"from utils import two\n",
        "utils.py": b"import deeper\n",
        "deeper.py": b"",
        "other.py": b"",
    }
    submission = hand_in({**COMPLETE, **own})
    assert set(submission.sources) == {"model", "training", "convolution", "gradient", "utils", "deeper"}
    assert submission.notes == (
        "gradient.py, line 1: imports utils.py, which is read and graded too.",
        "utils.py, line 1: imports deeper.py, which is read and graded too.",
    )


def test_what_came_with_the_lab_need_not_be_handed_in(hand_in: HandIn) -> None:
    submission = hand_in({**COMPLETE, "training.py": b"from lab_tools import progress\n"})
    assert "def progress" in submission.sources["lab_tools"]


def test_a_file_with_the_name_of_a_python_module_is_not_read(hand_in: HandIn) -> None:
    submission = hand_in({**COMPLETE, "gradient.py": b"import random\n", "random.py": b"x = 1\n"})
    assert "random" not in submission.sources
    assert "random.py is not read; rename it." in submission.notes[0]


# ---- answers whose cells are no longer marked ------------------------------------------------------------


def handed_out() -> list[dict[str, object]]:
    cells: list[dict[str, object]] = json.loads((lab().student / "lab06.ipynb").read_text())["cells"]
    return cells


def read_answers(hand_in: HandIn, cells: list[dict[str, object]]) -> dict[str, str]:
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return hand_in({**MODULES, "lab06.ipynb": json.dumps(book).encode()}).answers


def number_of(cells: list[dict[str, object]], question: str) -> int:
    return next(n for n, cell in enumerate(cells) if cell["metadata"] == {"convlab": {"question": question}})


def test_answers_are_found_by_their_heading_where_metadata_are_gone(hand_in: HandIn) -> None:
    cells = handed_out()
    for question in ("q2_3", "q3_1"):
        cells[number_of(cells, question)]["source"] = f"# My answer\nto {question}"
    for cell in cells:
        cell["metadata"] = {}
    found = read_answers(hand_in, cells)
    assert found["q2_3"] == "# My answer\nto q2_3"
    assert found["q3_1"] == "# My answer\nto q3_1"
    assert not found.get("q3_2")


def test_an_answer_that_was_merged_with_its_question(hand_in: HandIn) -> None:
    cells = handed_out()
    number = number_of(cells, "q2_3")
    above = "".join(cells[number - 1]["source"])  # type: ignore[arg-type]
    cells[number - 1 : number + 1] = [
        {"cell_type": "markdown", "metadata": {}, "source": f"{above}\n\nBecause of signs."}
    ]
    assert read_answers(hand_in, cells)["q2_3"] == "Because of signs."


def test_an_answer_below_the_cell_that_waits_for_it(hand_in: HandIn) -> None:
    cells = handed_out()
    number = number_of(cells, "q3_5")
    cells.insert(number + 1, {"cell_type": "markdown", "metadata": {}, "source": "A chequered one."})
    assert read_answers(hand_in, cells)["q3_5"] == "A chequered one."


@pytest.mark.parametrize("name", ["lab06.ipynb.txt", "lab06 (1).ipynb", "Lab06.ipynb", "sub/lab06.ipynb"])
def test_a_notebook_of_nearly_the_right_name_is_read(hand_in: HandIn, name: str) -> None:
    assert hand_in({**MODULES, name: book(("q2_3", "yes"))}).answers == {"q2_3": "yes"}
