"""The release: archives that repeat, leaks found wherever they hide, and nothing written unless all holds."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import json
import shutil
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from harness import longest_answer

from autograder.cli import main
from autograder.errors import UsageError
from autograder.files import write_whole
from autograder.grade import Verdict
from autograder.grading import Options
from autograder.lab import load_lab
from autograder.release.archives import MANIFEST, archive
from autograder.release.build import SOLUTIONS, STUDENT, Release, build
from autograder.release.confidential import Confidential
from autograder.release.leaks import find_leaks
from autograder.release.selftest import self_test
from autograder.release.sources import CutLab, cut_lab
from autograder.release.student import solution_files, student_files, write
from autograder.release.views import views

ROOT = Path(__file__).resolve().parent.parent
ANSWER, LINE = longest_answer("solutions/gradient.py")
PROSE, _ = longest_answer("assignment/lab06.md")
MARKER = "#!" + "TAG HWEND"
HIDDEN_CHECK = """

@check("q1_2", 1, family="f", hint="h")
def test_fails(lab: Lab) -> None:
    {}["nothing"]
"""


@cache
def sources() -> CutLab:
    return cut_lab(load_lab(ROOT))


@cache
def confidential() -> Confidential:
    return Confidential(sources())


def built() -> Release:
    return build(sources().lab, student_files(sources()), solution_files(sources()))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return student_files(sources())


def leaks(name: str, content: bytes) -> list[str]:
    return [str(leak) for leak in find_leaks({name: content}, confidential())]


# --- archives --------------------------------------------------------------------------------------------


def test_an_archive_depends_on_its_files_alone() -> None:
    files = {"b/run": b"1" * 999, "a.py": b"x = 1\n"}
    data = archive(files, {"b/run"})
    assert data == archive(dict(reversed(files.items())), {"b/run"})
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.namelist() == [MANIFEST, "a.py", "b/run"]
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert [oct(info.external_attr >> 16) for info in opened.infolist()] == [
            "0o100644",
            "0o100644",
            "0o100755",
        ]
        assert {name: opened.read(name) for name in files} == files
        listed = json.loads(opened.read(MANIFEST))["files"]
    assert listed == {n: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in files.items()}


def test_a_file_is_placed_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "new" / "a.zip"
    write_whole(target, b"one")

    def fails(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fails)
        with pytest.raises(UsageError, match=r"a\.zip cannot be written: no space"):
            write_whole(target, b"two")
    assert target.read_bytes() == b"one"
    write_whole(target, b"three")
    assert [path.read_bytes() for path in target.parent.iterdir()] == [b"three"]


@pytest.mark.slow
def test_three_zips(files: dict[str, bytes]) -> None:
    zips = built().zips
    assert zips == built().zips
    names = {}
    for name, data in zips.items():
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            names[name] = set(opened.namelist())
            assert opened.testzip() is None
    assert names[STUDENT] == {*files, MANIFEST}
    assert names[SOLUTIONS] == {*solution_files(sources()), MANIFEST}
    assert {"run_autograder", "setup.sh", "otter_config.json", "tests/q2_1.py"} <= names["autograder.zip"]


# --- leaks -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_lab_gives_nothing_away(files: dict[str, bytes]) -> None:
    assert find_leaks({"student.zip": archive(files)}, confidential()) == []


@pytest.mark.slow
def test_the_solutions_would_give_everything_away() -> None:
    found = find_leaks(solution_files(sources()), confidential())
    places = {leak.place.split(",")[0] for leak in found}
    modules = {"model.py", "training.py", "convolution.py", "gradient.py"}
    assert places == {*modules, "lab06.ipynb", "rubric.md"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (ANSWER, f"line {LINE} of solutions/gradient.py"),
        (f"So, `{ANSWER.replace(' ', '')}` it is.", "solutions/gradient.py"),
        (ANSWER.replace("(", "(\n        ", 1), "solutions/gradient.py"),
        (PROSE, "assignment/lab06.md"),
        (PROSE.replace(" ", "\n", 5), "assignment/lab06.md"),
        ("Vertical stripes, bright and dark two columns apart", ""),
        (
            "half where an argument is there but has a gap.\nJudge the argument, not the English; "
            "another correct route earns the",
            "assignment/rubric.md",
        ),
        ("See q2_2/extremes.", "names the hidden check q2_2/extremes"),
        ("It is test_leaves_no_trace.", "names the hidden check test_leaves_no_trace"),
        ("not_square", "names the hidden check not_square"),
        ("from lab06.hidden import x", "names the hidden check lab06.hidden"),
        (
            "    step, expected = tolerances.FINITE_DIFFERENCE_STEP, torch.empty_like(img)",
            "lab06/hidden/test_q3",
        ),
        ("Other losses and optimizers: no.", ""),
        (
            "other losses and optimizers than the lab's, many batches, two passes",
            "",
        ),  # what the others look at
        (MARKER, f"the marker {MARKER[:5]}"),
        ("#! MSG", "the marker"),
    ],
)
def test_texts(text: str, what: str) -> None:
    found = leaks("README.md", f"# Lab\n\n{text}\n".encode())
    if what:
        assert found
        assert all(leak.startswith("README.md, line 3: ") for leak in found)
        assert any(what in leak for leak in found)
    else:
        assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "optimizer.step()",
        "with torch.no_grad():",
        "weight_decay",
        "layouts",
        "float64 input",
        "a hidden check",
        "#!/bin/sh",
        "not_squared",
    ],
)
def test_ordinary_words_are_no_leaks(text: str) -> None:
    assert leaks("README.md", text.encode()) == []


def _notebook(**parts: Any) -> bytes:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "",
        "outputs": [],
        "execution_count": None,
    }
    cells = [{**cell, "id": "b", "source": "x = 1"}, {**cell, **parts}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("inner.txt", content)
    return buffer.getvalue()


def _png(kind: bytes, chunk: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in ((b"IHDR", bytes(13)), (kind, chunk), (b"IEND", b""))
    )


PNG = _png(b"zTXt", b"Comment\0\0" + zlib.compress(ANSWER.encode()))


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("lab06.ipynb", _notebook(source=["y = 2\n", ANSWER]), "lab06.ipynb, cell 2, source, line 2"),
        (
            "lab06.ipynb",
            _notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": ["a\n", ANSWER]}]),
            "lab06.ipynb, cell 2, outputs, 1, text, line 2",
        ),
        (
            "lab06.ipynb",
            _notebook(outputs=[{"data": {"text/html": html.escape(f"<b>{ANSWER}</b>")}}]),
            "lab06.ipynb, cell 2, outputs, 1, data, text/html",
        ),
        (
            "lab06.ipynb",
            _notebook(outputs=[{"data": {"image/png": base64.encodebytes(PNG).decode()}}]),
            "lab06.ipynb, cell 2, outputs, 1, data, image/png, base64, text beside the picture",
        ),
        ("lab06.ipynb", _notebook(metadata={"note": {"deep": ANSWER}}), "cell 2, metadata, note, deep"),
        ("lab06.ipynb", _notebook(metadata={ANSWER: 1}), "cell 2, metadata, key"),
        (
            "lab06.ipynb",
            _notebook(attachments={"a.txt": {"text/plain": base64.b64encode(ANSWER.encode()).decode()}}),
            "cell 2, attachments, a.txt, text/plain, base64",
        ),
        ("x.json", json.dumps({"a": ["b", {"c": ANSWER}]}).encode(), "x.json, a, 2, c"),
        ("deep.zip", _zip(_zip(ANSWER.encode())), "deep.zip, inner.txt, inner.txt, line 1"),
        ("x.gz", gzip.compress(ANSWER.encode(), mtime=0), "x.gz, unpacked, line 1"),
        ("x.txt", ANSWER.encode("utf-16"), "x.txt, line 1"),
        ("x.txt", b"\xff\n" + ANSWER.encode(), "x.txt, line 2"),
        ("x.txt", ANSWER.encode("utf-16-be"), "x.txt, line 1"),
        ("x.svg", base64.b64encode(ANSWER.encode()), "x.svg, base64"),
        ("x.txt", b"abc" + base64.b64encode(ANSWER.encode()), "x.txt, base64"),
        ("x.txt", base64.urlsafe_b64encode(b"\xff\xfe\xfb" + ANSWER.encode()), "x.txt, base64"),
        ("x.txt", base64.encodebytes(b"x = 1\n" * 20 + ANSWER.encode()), "x.txt, base64, line 21"),
        ("x.png", _png(b"tEXt", b"Comment\0" + ANSWER.encode()), "x.png"),
        ("x.png", PNG, "x.png, text beside the picture"),
        (f"{ANSWER}.txt", b"", "the name of a file"),
        ("broken.zip", _zip(ANSWER.encode())[:40] + ANSWER.encode(), "broken.zip"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() else "",
)
def test_a_leak_is_found_wherever_it_hides(name: str, content: bytes, where: str) -> None:
    found = leaks(name, content)
    assert found
    assert any(where in leak for leak in found)


def test_broken_files_are_looked_at_too() -> None:
    for content in (b"PK\x03\x04", b"\x1f\x8b\x08", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff", b"{"):
        assert list(views("lab06.ipynb", content))


@cache
def _heldout(kind: str) -> bytes:
    folder = ROOT / "assignment" / "heldout" / "MNIST" / "raw"
    return (folder / f"t10k-{kind}-ubyte").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("data/labels", lambda: _heldout("labels-idx1"), "labels"),
        ("notes.txt", lambda: ", ".join(map(str, _heldout("labels-idx1")[8:80])).encode(), "labels"),
        ("a.bin", lambda: b"abc" + _heldout("labels-idx1")[500:560], "labels"),
        ("train-images-idx3-ubyte", lambda: _heldout("images-idx3"), "images"),
        ("a.npz", lambda: _zip(b"abc" + _heldout("images-idx3")[16 + 784 * 5 : 16 + 784 * 6]), "images"),
    ],
)
def test_held_out_data_are_found(name: str, content: Callable[[], bytes], what: str) -> None:
    found = leaks(name, content())
    assert found
    assert all(leak.startswith(name) and "held-out test images" in leak for leak in found)
    assert any(what in leak for leak in found)


# --- the command -----------------------------------------------------------------------------------------


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A copy of the lab, without the graders' parts that a release only passes on."""
    for name in ("assignment", "solutions", "student", "autograder"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "constraints.txt", tmp_path)
    write(student_files(sources()), tmp_path / "student")
    return tmp_path


def run(lab: Path) -> Result:
    return CliRunner().invoke(main, ["release", "--out", str(lab / "dist")], env={"CONVLAB_ROOT": str(lab)})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "planted", "said"),
    [
        ("student/gradient.py", f"\n# {ANSWER}\n", "solutions/gradient.py"),
        ("student/README.md", "\nSee test_leaves_no_trace.\n", "names the hidden check test_leaves_no_trace"),
        ("student/training.py", f"\n{MARKER}\n", "the marker"),
        ("student/notes.txt", ANSWER, "should not be there"),
        ("student/README.md", "\nNew.\n", "student/README.md: differs"),
        ("assignment/handout/README.md", f"\n{ANSWER}\n", "student.zip, README.md, line "),
    ],
)
def test_a_planted_leak_stops_the_release(lab: Path, name: str, planted: str, said: str) -> None:
    with (lab / name).open("a") as stream:
        stream.write(planted)
    done = run(lab)
    assert done.exit_code == 1
    assert said in done.output
    assert name.removeprefix("assignment/handout/") in done.output
    assert not (lab / "dist").exists()


@pytest.mark.parametrize(
    ("name", "planted", "said"),
    [
        ("solutions/gradient.py", f"\n{MARKER}\n", "solutions/gradient.py:"),
        ("assignment/handout/more.txt", "", "more.txt in"),
        ("assignment/assignment.toml", "\nwrong = 1\n", "assignment.toml"),
    ],
)
def test_sources_that_are_wrong_are_named(lab: Path, name: str, planted: str, said: str) -> None:
    with (lab / name).open("a") as stream:
        stream.write(planted)
    done = run(lab)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


@pytest.mark.slow
def test_the_self_test_sees_a_wrong_reference_and_a_stub_that_answers(lab: Path) -> None:
    path = lab / "solutions" / "convolution.py"
    text = path.read_text().replace("    return result\n", "    return result + 1\n")
    first = text.index(MARKER.replace("HWEND", "HWBEGIN"))
    answered = text[first:].replace(MARKER, "", 1).replace(MARKER.replace("HWEND", "HWBEGIN"), "", 1)
    end = answered.index("def ")  # the function itself stays as it is; only its region is no longer one
    own = [line for line in answered[:end].split("\n") if "#!" + "MSG" not in line]
    path.write_text(text[:first] + "\n".join(own) + answered[end:])
    notebook = lab / "assignment" / "lab06.md"
    before, answer = notebook.read_text().split("#### Solution to q3_5\n")
    notebook.write_text(before + answer[answer.index(MARKER) :])
    options = Options(only=frozenset({"q2_1", "q2_2"}), device="cpu")
    made = cut_lab(load_lab(lab))
    grades, problems = self_test(made.lab, solution_files(made), student_files(made), options)
    ours = [problem for problem in problems if "q2_" in problem]
    assert grades["stub"].question("q2_1").score == 8
    assert "the untouched stub gets 8 points in q2_1" in ours
    assert any(problem.startswith("the reference fails q2_2/vertical_edge (wrong): ") for problem in ours)
    assert not [problem for problem in ours if "reference fails q2_1" in problem]
    assert "the reference holds no answer to q3_5" in problems


@pytest.mark.slow
def test_a_check_that_fails_by_itself_is_the_labs_fault(lab: Path) -> None:
    path = lab / "assignment" / "lab06" / "hidden" / "test_q1_2.py"
    path.write_text(path.read_text() + HIDDEN_CHECK)
    made = cut_lab(load_lab(lab))
    files = student_files(made, made.lab.mistakes.read_bytes())
    options = Options(only=frozenset({"q1_2"}), device="cpu", unsafe=True)
    grades, problems = self_test(made.lab, files, files, options)
    assert grades == {}
    assert len(problems) == 2
    assert problems[0].startswith("a check itself fails where it should judge the reference: ")
    assert "KeyError: 'nothing'; fix the check q1_2/fails" in problems[0]


@pytest.mark.ci
def test_only_the_reference_is_trained(lab: Path) -> None:
    made = cut_lab(load_lab(lab))
    options = Options(only=frozenset({"q1_2", "q1_7"}), device="cpu")
    grades, _ = self_test(made.lab, solution_files(made), student_files(made), options)
    assert grades["reference"].question("q1_7").score == 10
    assert grades["stub"].question("q1_7").verdict is Verdict.NOT_RUN
    assert grades["stub"].question("q1_2").verdict is Verdict.NOT_IMPLEMENTED


@pytest.mark.slow
def test_a_release_proves_itself_and_repeats(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["release", "--out", str(tmp_path / "one")])
    assert done.exit_code == 0, done.output
    assert "The reference scores 83 of 83." in done.output
    assert "The stub scores 0 of 83." in done.output
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [MANIFEST, "autograder.zip", "solutions.zip", "student.zip"]
    again = built().zips
    assert all((tmp_path / "one" / name).read_bytes() == data for name, data in again.items())
    listed = json.loads((tmp_path / "one" / MANIFEST).read_text())["files"]
    assert {n: f["sha256"] for n, f in listed.items()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in again.items()
    }
