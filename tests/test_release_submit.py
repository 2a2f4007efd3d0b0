"""submit.py, run as students run it: what it finds, what it packs, how it ends."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tries import in_ci_but

from autograder.handin import packing
from autograder.lab import load_lab
from autograder.submission import open_submission

ROOT = Path(__file__).resolve().parent.parent
ZIP = "lab06-submission.zip"
MODULES = ("model.py", "training.py", "convolution.py", "gradient.py")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (3).to_bytes(4, "big") * 2
Change = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder without its data, its functions written, one answer given."""
    place = tmp_path / "my lab"
    shutil.copytree(ROOT / "student", place, ignore=shutil.ignore_patterns("data", "figures", "__pycache__"))
    for name in MODULES:
        (place / name).write_text(written((place / name).read_text()))
    answer(place, "q2_3", "Because.")
    return place


def written(stub: str) -> str:
    """A module with its functions written, without what it imports: torch alone takes a second."""
    first = "from __future__ import annotations\n"
    lines = [stub.partition(first)[0] + first, ""]
    for node in ast.parse(stub).body:
        if isinstance(node, ast.FunctionDef):
            lines.append(
                f"def {node.name}({', '.join(each.arg for each in node.args.args)}):\n    return str\n"
            )
    return "\n".join(lines)


def answer(folder: Path, question: str, text: str) -> None:
    book = json.loads((folder / "lab06.ipynb").read_text())
    (cell,) = (c for c in book["cells"] if c["metadata"].get("convlab", {}).get("question") == question)
    cell["source"] = text
    (folder / "lab06.ipynb").write_text(json.dumps(book))


def submit(folder: Path, cwd: Path | None = None, encoding: str = "utf-8") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(folder / "submit.py")],
        cwd=cwd or folder,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def looked_at(folder: Path, seconds: float = 120) -> tuple[int, str]:
    """The same in this process, which starts faster."""
    told: list[str] = []
    return packing.main(folder, told.append, seconds), "\n".join(told)


def lines(said: str, kind: str) -> list[str]:
    return [line.removeprefix(kind).strip() for line in said.splitlines() if line.startswith(kind)]


def packed(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(folder / ZIP) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_modules_and_the_notebook_are_packed(folder: Path, tmp_path: Path) -> None:
    (folder / "secret.txt").write_text("not handed in")
    code, said = submit(folder, cwd=tmp_path)
    assert code == 0, said
    assert not lines(said, "PROBLEM")
    assert said.endswith("Upload this zip.\n")
    names = [*MODULES, "lab06.ipynb"]
    assert packed(folder) == {name: (folder / name).read_bytes() for name in names}
    assert not list(folder.rglob("__pycache__"))
    submission = open_submission(folder / ZIP, load_lab(ROOT))
    assert submission.sources == {Path(n).stem: (folder / n).read_text() for n in MODULES}
    assert submission.answers["q2_3"] == "Because."
    assert not submission.problems
    assert not submission.notes


def test_each_module_is_looked_at(folder: Path) -> None:
    (folder / "model.py").write_text(" \n")
    (folder / "training.py").write_text("x = 1\ndef f(:\n")
    (folder / "convolution.py").write_bytes(b"x = 1\n# \xe9\n")
    (folder / "gradient.py").write_text("def f():\n    1 / 0\n\nf()\n")
    code, said = looked_at(folder)
    assert code == 1
    found = lines(said, "PROBLEM")
    for place, why in (
        ("model.py", "is empty"),
        ("training.py, line 2", "does not compile"),
        ("convolution.py, line 2", "is not UTF-8"),
        ("gradient.py", "cannot be loaded: gradient.py, line 2: ZeroDivisionError"),
    ):
        assert [text for text in found if text.startswith(place) and why in text], (place, found)
    assert "Upload this zip" not in said
    assert len(packed(folder)) == 5


@pytest.mark.ci
def test_a_module_that_ends_python_and_one_that_hangs_cost_no_other(folder: Path) -> None:
    (folder / "model.py").write_text("import os\nos._exit(3)\n")
    (folder / "gradient.py").write_text("raise SystemExit('bye')\n")
    found = lines(looked_at(folder)[1], "PROBLEM")
    assert len(found) == 2
    assert "model.py cannot be loaded: Python ended while it ran (exit status 3)" in found[0]
    assert "gradient.py, line 1: SystemExit: bye" in found[1]
    for name in ("training.py", "convolution.py", "gradient.py"):
        (folder / name).unlink()
    # Nothing but the end of the process stops an import in which Python itself cannot be interrupted.
    (folder / "model.py").write_text("import re\nre.match('(a*)*b', 'a' * 40)\n")
    assert any(
        "model.py cannot be loaded: it did not finish" in t for t in lines(looked_at(folder, 8)[1], "PROBLEM")
    )


def test_functions_are_looked_for_by_name(folder: Path) -> None:
    text = (folder / "convolution.py").read_text()
    (folder / "convolution.py").write_text(
        text.replace("def apply_convolution(img", "def apply_convolutions(image")
    )
    found = lines(looked_at(folder)[1], "PROBLEM")
    told = "convolution.py defines no function apply_convolution, which the grader looks for; rename "
    assert f"{told}apply_convolutions to apply_convolution." in found
    (folder / "convolution.py").write_text(
        text.replace("def apply_convolution(img", "def apply_convolution(image")
    )
    (only,) = lines(looked_at(folder)[1], "PROBLEM")
    assert "the grader passes (img, kernel); keep these names" in only


def rename(old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        (folder / old).rename(folder / new)

    return change


def write(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).write_text(text)

    return change


def put_in(name: str, text: str) -> Change:
    """Put a line behind the module's `from __future__` line."""

    def change(folder: Path) -> None:
        first = "from __future__ import annotations\n"
        whole = (folder / name).read_text()
        assert first in whole
        (folder / name).write_text(whole.replace(first, first + text))

    return change


def in_folder(text: str) -> Change:
    """A module of one's own in a folder, and lines that import it."""

    def change(folder: Path) -> None:
        (folder / "tools").mkdir()
        (folder / "tools" / "__init__.py").touch()
        (folder / "tools" / "sums.py").write_text("TWO = 2\n")
        put_in("model.py", text)(folder)

    return change


@pytest.mark.parametrize(
    ("change", "said", "harmful"),
    in_ci_but(
        3,
        [
            (rename("model.py", "Model.py"), "Model.py is read as model.py: rename it.", False),
            (rename("model.py", "model (1).py"), "model (1).py is read as model.py: rename it.", False),
            (
                rename("lab06.ipynb", "lab06.ipynb.txt"),
                "lab06.ipynb.txt is read as lab06.ipynb: rename it.",
                False,
            ),
            (
                rename("lab06.ipynb", "lab06 (1).ipynb"),
                "lab06 (1).ipynb is read as lab06.ipynb: rename it.",
                False,
            ),
            (
                put_in("model.py", "import tqdm\n"),
                ": imports tqdm, which the grader does not",
                False,
            ),
            (
                put_in("model.py", "%autoreload 2\n"),
                ": %autoreload 2 is a notebook command",
                False,
            ),
            (
                put_in("model.py", "import scipy\nX = scipy\n"),
                ": imports scipy, which the grader does not",
                True,
            ),
            (put_in("model.py", "import helper\nX = helper\n"), "there is no file helper.py", True),
            (
                in_folder("import tools.sums\nX = tools\n"),
                ", line 4: imports tools.sums, but there is no",
                True,
            ),
            (in_folder("from tools.sums import TWO\nX = TWO\n"), "where files in folders are not read", True),
            (
                in_folder("from tools import sums\nX = sums\n"),
                ", line 4: imports tools, but there is no",
                True,
            ),
            (in_folder("from .tools.sums import TWO\n"), ", line 4: imports .tools.sums, and a name", True),
            (in_folder("from . import tools\n"), ", line 4: imports ., and a name that begins", True),
            (
                in_folder("import sys\nsys.path.append('tools')\nfrom sums import TWO\nX = TWO\n"),
                ", line 6: imports sums, but there is no file sums.py in the submission, where files in",
                True,
            ),
            (write("lab06.ipynb", "{"), "lab06.ipynb is not a notebook", True),
            (rename("lab06.ipynb", "my.ipynb"), "lab06.ipynb is missing. Is it my.ipynb? Rename it to", True),
        ],
    ),
)
def test_the_same_words_before_handing_in_and_after(
    folder: Path, change: Change, said: str, harmful: bool
) -> None:
    change(folder)
    code, told = looked_at(folder)
    found = lines(told, "PROBLEM" if harmful else "note")
    assert [text for text in found if said in text], told
    assert code == int(harmful)
    submission = open_submission(folder, load_lab(ROOT))
    if said.partition(" is ")[0] not in ("lab06.ipynb", "lab06.ipynb is missing. Is it my.ipynb?"):
        assert [note for note in submission.notes if said in note], submission.notes


def test_a_file_of_ones_own_is_packed_and_read(folder: Path) -> None:
    (folder / "utils.py").write_text("TWO = 2\n")
    put_in("gradient.py", "from utils import TWO\n")(folder)
    code, said = looked_at(folder)
    assert code == 0, said
    assert packed(folder)["utils.py"] == b"TWO = 2\n"
    assert open_submission(folder / ZIP, load_lab(ROOT)).sources["utils"] == "TWO = 2\n"


@pytest.mark.slow
def test_nothing_is_done_yet(tmp_path: Path) -> None:
    place = tmp_path / "lab"
    shutil.copytree(ROOT / "student", place, ignore=shutil.ignore_patterns("data", "figures"))
    code, said = looked_at(place)
    assert code == 1
    assert "Nothing in it is done yet" in said
    assert "Upload" not in said
    assert "lab06.ipynb is as it was handed out" in said
    assert "convolution.py, line 9: compute_convolution_at_position() is not written yet" in said
    answer(place, "q3_5", "*Write your answer to q3_5 here, in place of this line.*\nStripes.")
    said = looked_at(place)[1]
    assert "is still in the answer to q3_5; delete it" in said
    assert "Nothing in it is done yet" not in said


def test_answers_that_are_only_in_another_notebook(folder: Path) -> None:
    shutil.copy(folder / "lab06.ipynb", folder / "lab06-Copy1.ipynb")
    answer(folder, "q2_3", "")
    (found,) = lines(looked_at(folder)[1], "PROBLEM")
    assert found.startswith("lab06-Copy1.ipynb holds the answers to q2_3, lab06.ipynb does not")


def test_pictures_of_an_answer_are_packed(folder: Path) -> None:
    (folder / "images").mkdir()
    (folder / "images" / "my photo.png").write_bytes(PNG)
    answer(folder, "q3_1", "![a](images/my%20photo.png) ![b](no.png) <img src='https://x.org/y.png'>")
    said = looked_at(folder)[1]
    assert packed(folder)["images/my photo.png"] == PNG
    assert "shows no.png, which is not in this folder" in lines(said, "PROBLEM")[0]
    assert any("picture from the internet" in text for text in lines(said, "note"))


def test_pictures_that_nobody_would_see_are_told(folder: Path) -> None:
    (folder / "plan.svg").write_text("<svg/>")
    (folder / "photo.heic").write_bytes(b"....ftypheic")
    pasted = "![](attachment:gone.png) ![](data:image/png;base64,AAAAAAAAAAAA)"
    answer(folder, "q3_1", f"![](plan.svg) <img src='photo.heic'> {pasted}")
    for name in MODULES:
        (folder / name).unlink()
    found = [text for text in lines(looked_at(folder)[1], "PROBLEM") if " shows " in text]
    assert [text.partition(" shows ")[2].partition(",")[0] for text in found] == [
        *("plan.svg", "photo.heic", "attachment:gone.png", "data:image/png;base64")
    ]
    assert "save it as PNG or JPEG, at most 4 MiB" in found[0]
    assert "is not in the cell: paste the picture again" in found[2]


def test_a_python_without_torch(folder: Path) -> None:
    (folder / "torch.py").write_text("raise ImportError('no torch here')\n")
    put_in("model.py", "import torch\n")(folder)
    found = [text for text in lines(looked_at(folder)[1], "PROBLEM") if "cannot import torch" in text]
    assert len(found) == 1
    assert "ImportError: no torch here" in found[0]
    assert "Run submit.py with the Python in which you installed requirements.txt" in found[0]
    assert len(packed(folder)) == 5


def test_a_terminal_without_the_letters_of_the_path(folder: Path) -> None:
    place = folder.rename(folder.with_name("l\u00e4b \u4e2d"))
    (place / "model.py").write_text("x = '\\d'\nraise ValueError('\u2713')\n", encoding="utf-8")
    code, said = submit(place, encoding="ascii")
    assert code == 1
    assert "ValueError: \\u2713" in said
    assert "l\\xe4b" in said


@pytest.mark.parametrize("cell", [{"metadata": None, "source": ""}, {"source": None}, {"source": [1]}, {}])
def test_strange_cells_are_packed(folder: Path, cell: dict[str, object]) -> None:
    for name in MODULES:
        (folder / name).unlink()
    (folder / "lab06.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert set(packed(folder)) == {"lab06.ipynb"} if looked_at(folder)[0] == 1 else False


def test_nothing_to_hand_in(folder: Path) -> None:
    for name in (*MODULES, "lab06.ipynb"):
        (folder / name).unlink()
    code, said = looked_at(folder)
    assert code == 2
    assert "No zip was made" in said
    assert not (folder / ZIP).exists()


@pytest.mark.parametrize("facts", [None, "", "[1]", '{"modules": 3}'])
def test_without_the_labs_facts_it_says_what_is_missing(folder: Path, facts: str | None) -> None:
    (folder / "lab06" / "facts.json").unlink()
    if facts is not None:
        (folder / "lab06" / "facts.json").write_text(facts)
    code, said = looked_at(folder)
    assert code == 2
    assert "No zip was made: facts.json" in said


def test_without_the_engines_folder_it_says_what_is_missing(folder: Path) -> None:
    shutil.rmtree(folder / "autograder" / "handin")
    done = subprocess.run(
        [sys.executable, "-S", "submit.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No zip was made: the folder autograder/")
    assert "Traceback" not in done.stderr


def test_a_zip_that_cannot_be_written(folder: Path) -> None:
    for name in MODULES:
        (folder / name).unlink()
    (folder / ZIP).mkdir()
    code, said = looked_at(folder)
    assert code == 2
    assert "No zip was made" in said


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that nobody may read")
def test_files_that_the_system_refuses_to_read(folder: Path) -> None:
    for name in ("model.py", "lab06.ipynb", "other.ipynb"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to("/proc/self/mem")
    status, said = looked_at(folder)
    assert status == 1
    problems = [line.removeprefix("PROBLEM  ") for line in said.splitlines() if line.startswith("PROBLEM")]
    assert [name for name in ("model.py", "lab06.ipynb", "other.ipynb") if name in " ".join(problems)] == [
        "model.py",
        "lab06.ipynb",
    ]
    assert any(line.startswith("lab06.ipynb cannot be read (Input/output error)") for line in problems), said
    with zipfile.ZipFile(folder / ZIP) as archive:
        assert {"training.py", "gradient.py", "convolution.py"} <= set(archive.namelist())
        assert "lab06.ipynb" not in archive.namelist()


# ---- what a hurried student does to the notebook and the modules ------------------------------------------


def changed_book(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    book = json.loads((folder / "lab06.ipynb").read_text())
    change(book["cells"])
    (folder / "lab06.ipynb").write_text(json.dumps(book, indent=1))


def cell_of(cells: list[dict[str, Any]], question: str) -> int:
    found = [n for n, c in enumerate(cells) if c["metadata"].get("convlab", {}).get("question") == question]
    return found[0]


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def test_outputs_of_many_lines_cost_no_answer(folder: Path) -> None:
    """`print(i, j)` in the loops of a convolution of the lab's picture."""
    printed = {"output_type": "stream", "name": "stdout", "text": [f"{n} {n}\n" for n in range(250_000)]}

    def change(cells: list[dict[str, Any]]) -> None:
        next(cell for cell in cells if cell["cell_type"] == "code")["outputs"] = [printed]

    changed_book(folder, change)
    assert looked_at(folder)[0] == 0
    assert open_submission(folder / ZIP, load_lab(ROOT)).answers["q2_3"] == "Because."


@pytest.mark.slow
def test_a_notebook_that_the_grader_does_not_read_is_a_problem(folder: Path) -> None:
    changed_book(folder, lambda cells: cells[0].update(metadata={"many": [[]] * 1_100_000}))
    status, said = looked_at(folder)
    assert status == 1
    assert "lab06.ipynb is too large to be read: clear its outputs" in said
    assert not open_submission(folder / ZIP, load_lab(ROOT)).answers.get("q2_3")


DERIVED = """With the chain rule:

$$
\\begin{aligned}
a &= b \\\\
c &= d
\\end{aligned}
$$

and $$ stands alone above."""


@pytest.mark.parametrize("question", ["q3_1", "q3_2"])
@pytest.mark.parametrize("where", ["below", "half", "without metadata"])
def test_formulas_in_cells_of_ones_own_stay_whole(folder: Path, question: str, where: str) -> None:
    def change(cells: list[dict[str, Any]]) -> None:
        here = cell_of(cells, question)
        if where == "without metadata":
            cells[here] = markdown(DERIVED)
        else:
            cells.insert(here + 1, markdown(DERIVED))
        if where == "half":
            cells[here]["source"] = "First half."

    changed_book(folder, change)
    looked_at(folder)
    answers = open_submission(folder / ZIP, load_lab(ROOT)).answers
    assert answers[question] == ("First half.\n\n" if where == "half" else "") + DERIVED


@pytest.mark.parametrize("heading", ["### As we saw in q2_1", "### Similar to q3_2", "### Part 2"])
def test_a_heading_that_mentions_a_question_begins_none(folder: Path, heading: str) -> None:
    text = f"First part.\n\n{heading}\n\nSecond part."

    def change(cells: list[dict[str, Any]]) -> None:
        cells[cell_of(cells, "q3_1")] = markdown(text)

    changed_book(folder, change)
    looked_at(folder)
    answers = open_submission(folder / ZIP, load_lab(ROOT)).answers
    assert answers["q3_1"] == text
    assert not answers["q3_2"].strip() or "Write your answer" in answers["q3_2"]


def test_a_file_beside_a_module_is_not_there_for_the_grader(folder: Path) -> None:
    (folder / "config.json").write_text("{}")
    text = (folder / "training.py").read_text()
    (folder / "training.py").write_text(f"{text}\nimport json\nSETTINGS = json.load(open('config.json'))\n")
    status, said = looked_at(folder)
    assert status == 1
    (problem,) = lines(said, "PROBLEM")
    assert problem.startswith("training.py cannot be loaded: ")
    assert problem.endswith("The grader has the modules and no other file.")


def test_a_module_that_cannot_be_read_is_not_called_missing(folder: Path) -> None:
    (folder / "convolution.py").write_bytes("# für\n".encode("latin-1"))
    said = looked_at(folder)[1]
    assert "is not UTF-8" in said
    assert "there is no file convolution.py" not in said


@pytest.mark.slow
def test_a_function_above_whose_stubs_line_something_is_returned_is_written(folder: Path) -> None:
    text = (ROOT / "student" / "training.py").read_text()
    written, count = re.subn(r"(?m)^( +)(raise NotImplementedError)", r"\1return 1\n\1\2", text)
    assert count > 3
    (folder / "training.py").write_text(written)
    assert not [note for note in lines(looked_at(folder)[1], "note") if "training.py" in note]


def test_an_answer_that_is_cut_is_told_at_both_ends(folder: Path) -> None:
    pasted = f"![](data:image/png;base64,{base64.b64encode(PNG * 2_000).decode()})"  # counts as one picture
    answer(folder, "q2_3", "word " * 7_000)
    answer(folder, "q3_1", f"{pasted}\nBecause.")
    (problem,) = [text for text in lines(looked_at(folder)[1], "PROBLEM") if "characters" in text]
    assert problem == (
        "The answer to q2_3 has more than 32,768 characters, and who marks it sees no more than these; "
        "make it shorter."
    )
    read = open_submission(folder / ZIP, load_lab(ROOT))
    assert problem in read.notes
    assert len(read.answers["q2_3"]) == 32_768


def test_files_that_an_answer_links_to_are_told(folder: Path) -> None:
    (folder / "my notes.pdf").write_bytes(b"%PDF")
    links = "[notes](my%20notes.pdf) [web](https://x.org/y.pdf) [above](#q2_3) [nothing](no.txt)"
    answer(folder, "q3_1", f"{links} and f[a](b), ![](<photo(1).png>)")
    (folder / "photo(1).png").write_bytes(PNG)
    (problem,) = lines(looked_at(folder)[1], "PROBLEM")
    assert problem == (
        "The answer to q3_1 links to my notes.pdf, which is not handed in: who marks it sees the notebook "
        "and its pictures only. Write it into the answer, or paste it as a picture."
    )


@pytest.mark.parametrize("name", ["photo(1).png", "a/b/c/photo.png", "photo (2).png"])
def test_pictures_with_such_names_reach_who_marks(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(PNG)
    answer(folder, "q3_1", f"![]({name.replace(' ', '%20')})")
    assert looked_at(folder)[0] == 0
    assert packed(folder)[name] == PNG
    read = open_submission(folder / ZIP, load_lab(ROOT))
    assert len(read.pictures) == 1
    assert next(iter(read.pictures)) in read.answers["q3_1"]
    assert ".png).png" not in read.answers["q3_1"]
    with zipfile.ZipFile(folder / "by hand.zip", "w") as archive:  # the folder as file managers zip it
        for file in ("lab06.ipynb", *MODULES, name):
            archive.write(folder / file, f"my lab/{file}")
    assert open_submission(folder / "by hand.zip", load_lab(ROOT)).pictures == read.pictures


def test_a_syntax_error_is_no_matter_of_the_version(folder: Path) -> None:
    (folder / "convolution.py").write_text("def f(:\n    pass\n")
    (problem,) = [text for text in lines(looked_at(folder)[1], "PROBLEM") if "compile" in text]
    version = ".".join(map(str, sys.version_info[:2]))
    assert problem == (
        f"convolution.py, line 1 does not compile: invalid syntax (as Python {version} reads it)."
    )
