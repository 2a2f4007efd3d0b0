"""The cutter: what goes and what stays, in modules and notebooks; errors name file and line."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.cli import main
from autograder.errors import LabError, UsageError
from autograder.lab import load_lab
from autograder.lab.facts import facts_of, filled
from autograder.release.cutter import CutterError, Form, Place, cut, cut_module, has_markers
from autograder.release.notebooks import MAY_FAIL, cut_notebook, to_bytes
from autograder.release.sources import cut_lab
from autograder.release.student import differences, solution_files, student_files, write

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT.parent / "shared" / "seed" / "lab06-template.md"


def _module(text: str) -> tuple[str, str]:
    done = cut_module(dedent(text), "m.py")
    return done.question, done.solution


def _cell(text: str) -> str:
    return cut(dedent(text), Form.CODE_CELL, Place("n.md")).question


# --- code ------------------------------------------------------------------------------------------------


def test_a_function_body_becomes_a_raise() -> None:
    question, solution = _module(
        '''\
        def area(side: float) -> float:
            """A square's area."""
            #!TAG HWBEGIN
            #!MSG TODO: Multiply.
            #!MSG       Think first.

            # by itself
            return side * side

            #!TAG HWEND
        '''
    )
    assert question == dedent(
        '''\
        def area(side: float) -> float:
            """A square's area."""
            # TODO: Multiply.
            #       Think first.
            raise NotImplementedError("area is not written yet")
        '''
    )
    assert solution == dedent(
        '''\
        def area(side: float) -> float:
            """A square's area."""
            # by itself
            return side * side
        '''
    )


def test_a_region_in_a_loop_raises_at_its_own_indentation() -> None:
    question, _ = _module(
        """\
        def total(items):
            result = 0
            for item in items:
                #!TAG HWBEGIN
                result += item
                #!TAG HWEND
            return result
        """
    )
    assert '\n        raise NotImplementedError("total is not written yet")\n    return result\n' in question


def test_a_missing_value_becomes_an_ellipsis() -> None:
    text = """\
        loss = (
            #!TAG HWBEGIN
            #!MSG Define it.
            make(1)
            #!TAG HWEND
        )
        """
    assert _cell(text) == "loss = (\n    # Define it.\n    ...\n)\n"
    assert _module(text)[1] == "loss = (\n    make(1)\n)\n"


@pytest.mark.parametrize(
    ("template", "question"),
    [
        ("f(a,\n#!TAG HWBEGIN\nb,\nc\n#!TAG HWEND\n)", "f(a,\n)"),
        ("x = [\n#!TAG HWBEGIN\n1, 2\n#!TAG HWEND\n]", "x = [\n]"),
        ("x = (1 +\n#!TAG HWBEGIN\n2\n#!TAG HWEND\n)", "x = (1 +\n...\n)"),
        ("x = {'a':\n#!TAG HWBEGIN\n2\n#!TAG HWEND\n}", "x = {'a':\n...\n}"),
        ("f(x=\n#!TAG HWBEGIN\n2\n#!TAG HWEND\n)", "f(x=\n...\n)"),
        ("x = (1\n#!TAG HWBEGIN\n+ 2\n#!TAG HWEND\n)", "x = (1\n)"),
        ("x = ((), \n#!TAG HWBEGIN\n2\n#!TAG HWEND\n)", "x = ((), \n)"),
    ],
)
def test_expressions_stay_valid(template: str, question: str) -> None:
    assert _cell(template) == question
    ast.parse(question)


def test_a_cell_that_must_run_does_not_raise() -> None:
    assert _cell("#!TAG HWBEGIN\nx = 1\n#!TAG HWEND\ny = 2") == "y = 2"
    assert _cell("for x in y:\n    #!TAG HWBEGIN\n    print(x)\n    #!TAG HWEND") == "for x in y:\n    ..."


def test_a_cell_that_may_fail_raises() -> None:
    done = cut("#!TAG SKIPQUESTEXEC\n#!TAG HWBEGIN\nx = 1\n#!TAG HWEND", Form.CODE_CELL, Place("n.md"))
    assert done.may_fail
    assert done.question == 'raise NotImplementedError("This is not written yet")'
    assert done.solution == "x = 1"


def test_a_module_without_a_function_can_still_be_imported() -> None:
    question, _ = _module("#!TAG HWBEGIN\nimport torch\ndef helper():\n    pass\n#!TAG HWEND\nx = 1\n")
    assert question == "x = 1\n"


def test_magics_and_other_languages() -> None:
    region = "#!TAG HWBEGIN\n#!MSG Do it.\nx = 1\n#!TAG HWEND"
    assert _cell(f"%matplotlib inline\n!ls\n{region}\nprint?") == "%matplotlib inline\n!ls\n# Do it.\nprint?"
    assert _cell(f"%%bash\n{region}\nfi") == "%%bash\n# Do it.\nfi"


def test_a_region_in_a_docstring_is_plain_text() -> None:
    question, _ = _module('"""Text.\n#!TAG HWBEGIN\n#!MSG Say it.\nSecret.\n#!TAG HWEND\nMore.\n"""\n')
    assert question == '"""Text.\nSay it.\nMore.\n"""\n'


def test_text_without_markers_stays_as_it_is() -> None:
    text = "#!/usr/bin/env python\nthis is: not python\n"
    assert cut_module(text, "m.py") == cut_module(text, "m.py")
    assert _module(text) == (text, text)


# --- errors ----------------------------------------------------------------------------------------------

BEGIN, END, MSG, SKIP = "#!TAG HWBEGIN", "#!TAG HWEND", "#!MSG hi", "#!TAG SKIPQUESTEXEC"


@pytest.mark.parametrize(
    ("lines", "line", "problem"),
    [
        (["x = 1", BEGIN, "y = 2"], 2, "HWBEGIN has no #!TAG HWEND"),
        (["x = 1", END], 2, "HWEND without a #!TAG HWBEGIN"),
        ([BEGIN, END, END], 3, "HWEND without a #!TAG HWBEGIN"),
        ([BEGIN, "x = 1", BEGIN, END, END], 3, "inside the region that line 1 began"),
        ([MSG], 1, "#!MSG outside of a region"),
        ([BEGIN, END, MSG], 3, "#!MSG outside of a region"),
        (["", "#!TAG HWBEGN", END], 2, "unknown marker '#!TAG HWBEGN'"),
        (["#!TAG hwbegin", END], 1, "unknown marker"),
        (["#! TAG HWBEGIN", END], 1, "unknown marker"),
        (["#!MSGhi"], 1, "unknown marker"),
        ([BEGIN, SKIP, END], 2, "is inside a region"),
        (["x = 1  #!TAG HWBEGIN", END], 1, "a line of its own"),
        (["x = 1", "y = = 2", BEGIN, END], 2, "not valid Python"),
        (["f(", BEGIN, "1)", "x = 2", END], 2, "not valid Python without it"),
    ],
)
def test_errors_name_file_and_line(lines: list[str], line: int, problem: str) -> None:
    with pytest.raises(CutterError, match=rf"^m\.py:{line}: .*{re.escape(problem)}"):
        cut_module("\n".join(lines), "m.py")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# A\n\n```python\nx = 1\n```\n\n```python\n#!TAG HWBEGIN\nx = 1\n```\n", 8),
        ("---\ntitle: t\n---\n\n# A\n\n#!TAG HWEND\n", 7),
        ("```bash\nls\n#!TAG HWEND\n```\n", 3),
        ("Text\n\n#!TAG HWBEGIN\n\n```python\nx = 1\n```\n\n#!TAG HWEND\n", 3),
        ("```python\nx = 1\n```\n\n```python\nx = 1\n```\n\n#!TAG SKIPQUESTEXEC\n", 9),
    ],
)
def test_errors_in_notebooks_name_the_line_of_the_file(text: str, line: int) -> None:
    with pytest.raises(CutterError, match=rf"^n\.md:{line}: "):
        cut_notebook(text, "n.md")


# --- properties ------------------------------------------------------------------------------------------

answers = st.lists(st.sampled_from(["", "# why", "a = 1", "if a:\n    b = 2", "return a"]), max_size=5)
regions = st.lists(st.tuples(st.integers(0, 3), answers), max_size=4)


@given(regions, st.booleans())
def test_no_answer_in_a_question_and_no_marker_in_a_solution(
    parts: list[tuple[int, list[str]]], skip: bool
) -> None:
    lines = ["def f():", "    given = 0"]
    secret: list[str] = []
    for number, (messages, answer) in enumerate(parts):
        body = [f"{line}  # secret {number}" for part in answer for line in part.split("\n")]
        secret += body
        told = [f"#!MSG hint {number}.{m}" for m in range(messages)]
        lines += [f"    {line}" for line in (BEGIN, *told, *body, END, f"given += {number}")]
    text = "\n".join([SKIP, *lines] if skip else lines)

    for form in (Form.MODULE, Form.CODE_CELL):
        done = cut(text, form, Place("m.py"))
        assert "secret" not in done.question
        assert not has_markers(done.question)
        assert not has_markers(done.solution)
        compile(done.question, "question", "exec")
        assert [line.strip() for line in done.solution.split("\n") if "secret" in line] == [
            line.strip() for line in secret
        ]
        hints = [line.strip() for line in done.question.split("\n") if "hint" in line]
        assert hints == [f"# hint {n}.{m}" for n, (messages, _) in enumerate(parts) for m in range(messages)]
        assert [line for line in done.question.split("\n") if "given" in line] == [
            line for line in lines if "given" in line
        ]


# --- notebooks -------------------------------------------------------------------------------------------

NOTEBOOK = """\
---
jupyter:
  jupytext:
    text_representation:
      extension: .md
  kernelspec:
    display_name: Python 3
    language: python
    name: python3
---

# Title

```python slideshow={"slide_type": "slide"}
#!TAG SKIPQUESTEXEC
y = f()
```

<!-- #region convlab={"question": "q1_1"} -->
#!TAG HWBEGIN
#!MSG *Your answer here.*
#### Solution

$x$


Far below.
#!TAG HWEND
<!-- #endregion -->

<!-- #region -->
#!TAG HWBEGIN
Only for staff.
#!TAG HWEND
<!-- #endregion -->

```python
x = 1
```

```python
x = 1
```
"""


def test_a_notebook_is_cut_into_two() -> None:
    both = cut_notebook(NOTEBOOK, "n.md")
    title, code, written, *same = both.question.cells
    assert title.source == "# Title"
    assert code.source == "y = f()"
    assert code.metadata == {"slideshow": {"slide_type": "slide"}, "tags": [MAY_FAIL]}
    assert written.source == "*Your answer here.*"
    assert written.metadata == {"convlab": {"question": "q1_1"}}
    assert [cell.source for cell in same] == ["x = 1", "x = 1"]
    assert both.question.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }

    _, code, written, staff, *_ = both.solution.cells
    assert code.source == "y = f()"
    assert "tags" not in code.metadata
    assert written.source == "#### Solution\n\n$x$\n\n\nFar below."
    assert written.metadata == {"convlab": {"question": "q1_1"}}
    assert staff.source == "Only for staff."


def test_notebooks_are_valid_and_the_same_each_time() -> None:
    first, again = cut_notebook(NOTEBOOK, "n.md"), cut_notebook(NOTEBOOK, "n.md")
    for one, other in ((first.question, again.question), (first.solution, again.solution)):
        assert to_bytes(one) == to_bytes(other)
        read = nbformat.reads(to_bytes(one).decode(), as_version=4)
        nbformat.validate(read)
        ids = [cell.id for cell in read.cells]
        assert len(set(ids)) == len(ids)


def _code(notebook: NotebookNode) -> list[str]:
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return [re.sub(r"(?m)^%.*$", "", source) for source in cells]


@pytest.mark.parametrize("path", [SEED, ROOT / "assignment" / "lab06.md"], ids=["seed", "lab"])
def test_real_templates(path: Path) -> None:
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    lab = load_lab(ROOT)
    text = filled(path.read_text("utf-8"), facts_of(lab) if path == lab.template else {}, path.name)
    both = cut_notebook(text, path.name)
    for notebook in (both.question, both.solution):
        nbformat.validate(nbformat.reads(to_bytes(notebook).decode(), as_version=4))
        assert not has_markers(to_bytes(notebook).decode())
        for source in _code(notebook):
            compile(source, path.name, "exec")
    assert text.count("SKIPQUESTEXEC") == sum(
        MAY_FAIL in c.metadata.get("tags", ()) for c in both.question.cells
    )
    question = "\n".join(cell.source for cell in both.question.cells)
    for region in re.findall(r"#!TAG HWBEGIN\n(.*?)#!TAG HWEND", text, re.DOTALL):
        answer = [line.strip() for line in region.splitlines() if "#!MSG" not in line]
        telling = [line for line in answer if len(line) > 30 and text.count(line) == region.count(line)]
        assert not [line for line in telling if line in question]


# --- the command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark", ["<< train_images >>", "<<Train_images>>", "<<train-images>>", "<<Unknown>>"]
)
def test_a_mark_that_is_mistyped_never_reaches_a_student(mark: str) -> None:
    with pytest.raises(LabError) as refused:
        filled(f"<<train_images>> images\n\n{mark} images\n", {"train_images": "4,000"}, "lab.md")
    meant = "name" if mark == "<<Unknown>>" else "train_images"
    assert str(refused.value) == (
        f"lab.md:3: {mark} would be printed as it is; "
        f"facts are written in small letters and without spaces: <<{meant}>>"
    )


def test_operators_are_no_mark() -> None:
    text = "mask = 1 << width >> 2\n"
    assert filled(text, {"train_images": "4,000"}, "bits.py") == text


def test_a_labs_own_notebook_is_cut_with_its_facts(tmp_path: Path) -> None:
    template = ROOT / "assignment" / "lab06.md"
    done = CliRunner().invoke(main, ["cut", str(template), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "epochs = 3\\nbatch_size = 64" in (tmp_path / "question" / "lab06.ipynb").read_text().replace(
        '\\n",\n    "', "\\n"
    )


def test_any_template_can_be_cut(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_bytes(NOTEBOOK.replace("\n", "\r\n").encode())
    (tmp_path / "m.py").write_bytes(
        b"\xef\xbb\xbfdef f():\r\n    #!TAG HWBEGIN\r\n    return 1\r\n    #!TAG HWEND\r\n"
    )
    for name in ("n.md", "m.py"):
        done = CliRunner().invoke(main, ["cut", str(tmp_path / name), "--out", str(tmp_path / "out")])
        assert done.exit_code == 0, done.output
    out = tmp_path / "out"
    assert (out / "question" / "n.ipynb").read_bytes() == to_bytes(cut_notebook(NOTEBOOK, "n.md").question)
    assert (out / "solution" / "m.py").read_text() == "def f():\n    return 1\n"
    assert "return" not in (out / "question" / "m.py").read_text()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("m.py", b"x = 1\n#!TAG HWBEGIN\n", "m.py:2: "),
        ("m.py", b"x = 1\ny = '\xe9'\n", "m.py:2: byte 0xe9 is not UTF-8"),
        ("m.txt", b"x", "not '.txt'"),
        ("n.md", b"---\na: [\n---\n\n# A\n", "n.md:1: "),
    ],
)
def test_a_bad_template_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(main, ["cut", str(tmp_path / name), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["--out", "x"], ["--check", __file__], [__file__], ["no-such.py"]])
def test_bad_usage(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["cut", *arguments]).exit_code == 2


# --- the students' folder --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return student_files(cut_lab(load_lab(ROOT)))


def test_a_folder_that_cannot_be_written_keeps_its_files(tmp_path: Path) -> None:
    write({"a.py": b"1", "b.py": b"1"}, tmp_path)
    (tmp_path / "c.py" / "d").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"c\.py cannot be written: Is a directory"):
        write({"a.py": b"2", "b.py": b"1", "c.py": b"1"}, tmp_path)
    assert (tmp_path / "a.py").read_bytes() == b"1"


@pytest.mark.slow
def test_the_students_folder_is_fresh(files: dict[str, bytes]) -> None:
    assert differences(files, ROOT / "student") == [], "run `convlab cut`"


def test_differences_are_named_and_put_right(tmp_path: Path) -> None:
    files = {"a.py": b"1", "b/c.py": b"2", "d.py": b"3"}
    write(files, tmp_path)
    assert differences(files, tmp_path) == []
    (tmp_path / "a.py").write_text("other")
    (tmp_path / "d.py").unlink()
    (tmp_path / "b" / "more.py").write_text("")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("")
    (tmp_path / ".OTTER_LOG").write_text("")
    assert differences(files, tmp_path) == [
        "a.py: differs",
        "b/more.py: should not be there",
        "d.py: missing",
    ]
    write(files, tmp_path)
    assert differences(files, tmp_path) == []
    assert (tmp_path / ".OTTER_LOG").exists()


@pytest.mark.slow
def test_students_get_the_lab_and_nothing_of_the_graders(files: dict[str, bytes]) -> None:
    wanted = {
        "model.py",
        "lab06.ipynb",
        "README.md",
        "data/MNIST/raw/train-images-idx3-ubyte",
        "figures/conv1d.png",
    }
    assert wanted <= set(files)
    assert not [name for name in files if re.search("hidden|solution|rubric|heldout|sandbox|grading", name)]
    texts = {
        name: content.decode()
        for name, content in files.items()
        if not name.startswith(("data/", "figures/"))
    }
    assert not [name for name, text in texts.items() if has_markers(text)]


@pytest.mark.slow
def test_stubs_compile_and_raise(files: dict[str, bytes]) -> None:
    for name in ("model.py", "training.py", "convolution.py", "gradient.py"):
        tree = ast.parse(files[name])
        for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            assert any(isinstance(node, ast.Raise) for node in ast.walk(function)), function.name


@pytest.mark.slow
def test_the_public_package_works_on_its_own(files: dict[str, bytes], tmp_path: Path) -> None:
    write(
        {n: c for n, c in files.items() if n.endswith((".py", ".ini")) and not n.startswith("tests/")},
        tmp_path,
    )
    code = dedent(
        """
        import pathlib, sys
        from autograder.checking import check, fixtures, judge, local
        checks = check.in_package("lab06", ["public"])
        ours = [m for n, m in sys.modules.items() if n.split(".")[0] == "autograder"]
        here = pathlib.Path.cwd().resolve()
        assert all(pathlib.Path(m.__file__).is_relative_to(here) for m in ours)
        print(len({check.question for check in checks}))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout == "11\n", done.stderr


@pytest.mark.slow
def test_the_solutions_hold_the_answers_and_no_markers(files: dict[str, bytes]) -> None:
    solutions = solution_files(cut_lab(load_lab(ROOT)))
    assert "rubric.md" in solutions
    assert "figures/solution-x3.png" in solutions
    for name in ("model.py", "gradient.py", "lab06.ipynb"):
        assert solutions[name] != files[name]
        assert not has_markers(solutions[name].decode())
    assert b"NotImplementedError" not in solutions["gradient.py"]
