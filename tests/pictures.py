"""Makes the pictures that README shows: `python tests/pictures.py [FOLDER]`.

Everything in them is real but the people: submissions are graded, pages and tables are those that the
commands write. A class is made up of a few graded submissions, question by question, under invented names.
Each picture is there in light and dark; with `--phone`, only at a telephone's width, to be looked at.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from handed_in import zipped
from harness import ROOT, lab, reference_sources
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from test_browser import FLAGS, SCHEMES, WIDTHS, chromium
from test_desk_browser import Running

from autograder.grade import Grade, QuestionResult, Student
from autograder.gradebook import Gradebook, HandedIn, Wish

FOLDER = ROOT / "docs" / "pictures"
CHAFFS = ROOT / "assignment" / "audit" / "chaffs"
COLOURS = 128
WIDTH = 1100
TERMINAL = 96
"""Columns of the terminal."""
TALL = {"desk": 860, "report": 1340, "feedback": 700}
"""How much of a page is shown."""
MODULE_OF = {
    "build_model": "model",
    "move_to_device": "training",
    "make_loss": "training",
    "make_optimizer": "training",
    "train_one_epoch": "training",
    "evaluate": "training",
    "compute_convolution_at_position": "convolution",
    "apply_convolution": "convolution",
    "conv_gradient_wrt_input": "gradient",
    "gradient_ascent": "gradient",
}
KINDS: dict[str, dict[str, str]] = {
    "right": {},
    "usual": {
        "build_model": "relu_missing_after_the_second_convolution",
        "make_loss": "softmax_module_first",
        "make_optimizer": "decay_left_out",
        "train_one_epoch": "adds_means_divides_by_images",
        "evaluate": "no_grad_not_entered",
        "compute_convolution_at_position": "zero_based_loops",
        "apply_convolution": "flipped_loops",
        "conv_gradient_wrt_input": "loops_not_turned",
        "gradient_ascent": "losses_one_late",
    },
    "other": {
        "build_model": "linear_size_wrong",
        "move_to_device": "forgets_to_return",
        "train_one_epoch": "divides_by_the_number_of_batches",
        "evaluate": "running_mean_over_batches",
        "compute_convolution_at_position": "swapped_indices",
        "apply_convolution": "kernel_of_three_assumed",
        "conv_gradient_wrt_input": "valid_loops",
        "gradient_ascent": "loss_by_mse",
    },
}
"""Functions of a submission that are not the reference's, by the names of the audit's wrong solutions."""
STUBS = ("evaluate", "conv_gradient_wrt_input", "gradient_ascent")
DIES = """

def apply_convolution(img, kernel):
    import os

    os._exit(1)
"""
PEOPLE = (
    *("Maria Keller", "Jonas Weber", "Aylin Demir", "Tomasz Zieliński", "Chloé Martin", "Lukas Brandt"),
    *("Nguyễn Thị Lan", "Sofia Rossi", "Emeka Okafor", "Hannah Vogel", "Diego Fernández", "Yuki Tanaka"),
    *("Priya Natarajan", "Oskar Lindqvist", "Leyla Hosseini", "Pieter de Vries", "Anna Schmidt", "Ben Cohen"),
    *("Zoë O'Brien", "Marek Novák", "Fatima El Amrani", "Clara Hoffmann", "Ivan Petrov", "Ines Carvalho"),
    *("Felix Baumann", "Mei Lin", "Samuel Adeyemi", "Greta Olsen", "Rohan Mehta", "Julia Nowak"),
    *("Paul Richter", "Amina Yusuf", "Nils Jansson", "Elena Popescu", "David Kim", "Laura Fischer"),
    *("Omar Haddad", "Katarina Horvat", "Simon Huber", "Nora Lehmann"),
)
ANSWERS = {
    "q2_3": (
        r"""Each column of $G_x$ is a weight $(1, 2, 1)$ times $-1$, $0$ or $1$:

$$G_x = \begin{pmatrix} 1 \\ 2 \\ 1 \end{pmatrix} \begin{pmatrix} -1 & 0 & 1 \end{pmatrix}$$

The row takes the difference of the pixels on the right and on the left, so it is 0 where the brightness does
not change. The column averages this over three rows, the middle one counting twice, so that a single noisy
pixel does not look like an edge. $G_x$ finds vertical edges and $G_y$, its transpose, horizontal ones. With
$E = \sqrt{E_x^2 + E_y^2}$ the direction does not matter.""",
        "They detect edges, because the numbers are negative on one side and positive on the other.",
        "$G_x$ is a derivative in $x$, $G_y$ one in $y$: they are the gradient, and $E$ is its length.",
    ),
    "q3_1": (
        r"""Every output contains $k_{kl}$ once, with the pixel that lies under it. By the chain rule

$$\frac{\partial L}{\partial k_{kl}} = \sum_{i,j} \frac{\partial L}{\partial y_{ij}}\, x_{i+k-1,\,j+l-1}$$""",
    ),
    "q3_2": ("A pixel is in several windows; summing over them turns the kernel by 180 degrees.",),
    "q3_5": ("The one whose every window looks like the kernel: there the response is largest.", ""),
}


def with_functions(changed: Mapping[str, str]) -> dict[str, str]:
    """The reference's modules, in which some functions are one of the audit's wrong solutions."""
    sources = dict(reference_sources())
    for function, name in changed.items():
        text = (CHAFFS / function / f"{name}.py").read_text("utf-8")
        sources[MODULE_OF[function]] += f"\n\n{text}"
    return sources


def half_done() -> dict[str, str]:
    """A submission that is not finished, and ends its process in one function."""
    sources = with_functions({"make_optimizer": "learning_rate_typed_wrong"})
    for function in STUBS:
        sources[MODULE_OF[function]] += f"\n\ndef {function}(*args, **more):\n    raise NotImplementedError\n"
    sources["convolution"] += DIES
    return sources


def convlab(*words: object, **variables: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "autograder.cli", *map(str, words)]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"convlab {words[0]}: {done.stdout}{done.stderr}")
    return done.stdout


# ---- what is shown -----------------------------------------------------------------------------------


def graded(place: Path) -> tuple[dict[str, Grade], str]:
    """Grades of the few submissions that are made of the lab's own sources, and a table as it was printed."""
    handed = place / "handed in"
    handed.mkdir()
    notebook = (ROOT / "student" / lab().notebook).read_bytes()
    kinds = {name: with_functions(changed) for name, changed in KINDS.items()} | {"half-done": half_done()}
    for name, sources in kinds.items():
        modules = {f"{module}.py": text.encode() for module, text in sources.items()}
        zipped(handed / f"{name}.zip", {**modules, lab().notebook: notebook})
    out = place / "graded"
    convlab("grade", handed / "right.zip", "--out", out)
    convlab("grade", *(handed / f"{name}.zip" for name in ("usual", "other")), "--out", out, "--no-training")
    wide = {"FORCE_COLOR": "1", "COLUMNS": str(TERMINAL), "TERM": "xterm-256color"}
    table = convlab("grade", handed / "half-done.zip", "--out", out, "--no-training", **wide)
    found = {name: Grade.model_validate_json((out / name / "grade.json").read_bytes()) for name in kinds}
    return found, table.replace(f"{place}/", "")


def a_class(out: Path, found: Mapping[str, Grade]) -> Path:
    """The results of a class, each question as one of these submissions has it; some answers are marked."""
    pick = random.Random(6)
    right = found["right"]
    with Gradebook(out, lab()) as book:
        for number, person in enumerate(PEOPLE):
            skill = 0.45 + 0.5 * pick.random()
            rows = [_question(question, number, pick, skill, found) for question in right.questions]
            name = f"{person}_{20301 + number}"
            student = Student(
                id=str(20301 + number), name=person, platform="moodle", platform_id=str(20301 + number)
            )
            training = right.training
            if training is not None:
                moved = {"averaged_accuracy": training.averaged_accuracy + pick.uniform(-0.012, 0.012)}
                training = training.model_copy(update=moved)
            grade = right.with_results(rows).model_copy(
                update={"submission": name, "student": student, "training": training, "work": f"{number:064}"}
            )
            book.put(name, grade, HandedIn("d", dict(reference_sources())))
        _mark(book, out)
    convlab("report", out)
    return out


def _question(
    own: QuestionResult, number: int, pick: random.Random, skill: float, found: Mapping[str, Grade]
) -> QuestionResult:
    """One student's result of a question. The first has turned the kernel, and all else right."""
    if own.id in ANSWERS:
        answers = ANSWERS[own.id]
        return own.model_copy(update={"answer": answers[0 if number == 0 else pick.randrange(len(answers))]})
    if lab().question(own.id).training:
        return own
    wrong = pick.choices(("usual", "other", "half-done"), (5, 3, 1))[0]
    name = "right" if pick.random() < skill else wrong
    if number == 0:
        name = "usual" if own.id == "q2_2" else "right"
    return found[name].question(own.id)


def _mark(book: Gradebook, out: Path) -> None:
    """All marks of the first student, and half of one question's."""
    first, *others = sorted(path.parent.name for path in out.glob("*/grade.json"))
    first = next(name for name in (first, *others) if name.startswith(PEOPLE[0]))
    wishes = [
        Wish(
            first,
            "q2_3",
            3,
            "How does the length of the gradient come in?",
            ("difference", "directions", "smoothing"),
        ),
        Wish(first, "q3_1", 5, "Clear and complete."),
        Wish(first, "q3_2", 3, "Which windows? Write the indices down."),
        Wish(first, "q3_5", 2),
    ]
    wishes += [Wish(name, "q2_3", 2, "Say what the weights 1, 2, 1 are for.", ()) for name in others[:21]]
    _, refused = book.mark(wishes, "Eva")
    assert not refused, refused
    book.settle()


def notebook_page(place: Path, scheme: str) -> str:
    """The check of a question in a student's notebook, as JupyterLab shows it."""
    folder = place / "student"
    if not folder.exists():
        subprocess.run(["cp", "-r", ROOT / "student", folder], check=True)
        source = with_functions({"apply_convolution": "flipped_loops"})["convolution"]
        (folder / "convolution.py").write_text(source, "utf-8")
    book = nbformat.read(folder / lab().notebook, as_version=4)
    first = next(cell for cell in book.cells if "Notebook(" in cell.source)
    check = next(cell for cell in book.cells if 'check("q2_2")' in cell.source)
    book.cells = [first, check]
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    book.cells = [check]
    exporter = HTMLExporter(template_name="lab", theme=scheme)  # type: ignore[no-untyped-call]
    return str(exporter.from_notebook_node(book)[0])


def terminal_page(table: str, scheme: str) -> str:
    """What a command printed, in a terminal's colours."""
    console = Console(record=True, width=TERMINAL, file=io.StringIO())
    console.print(Text.from_ansi(f"$ convlab grade half-done.zip --no-training\n{table.rstrip()}"))
    style = "margin: 0; padding: 14px 18px; width: max-content; font: 15px/1.19 DejaVu Sans Mono, monospace"
    style += "; color: {foreground}; background: {background}"
    form = f"<style>{{stylesheet}}</style><pre style='{style}'>{{code}}</pre>"
    return console.export_html(theme=THEMES[scheme], code_format=form)


THEMES = {
    "light": TerminalTheme(
        (255, 255, 255),
        (36, 41, 47),
        [
            *((36, 41, 47), (180, 35, 24), (26, 127, 55), (138, 90, 0)),
            *((9, 105, 218), (130, 80, 223), (27, 124, 131), (110, 119, 129)),
        ],
    ),
    "dark": TerminalTheme(
        (13, 17, 23),
        (230, 237, 243),
        [
            *((72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34)),
            *((88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)),
        ],
    ),
}
"""Background, foreground, and the eight colours of a terminal."""


# ---- taking them ---------------------------------------------------------------------------------------


class Camera:
    """Takes pictures of pages in a browser without a window."""

    def __init__(self, browser: Any, folder: Path, phone: bool) -> None:
        self._browser, self._folder, self._phone = browser, folder, phone

    def take(self, name: str, scheme: str, address: str, show: str = "", steps: Steps | None = None) -> None:
        """A picture of a page, or of the part of it that `show` selects, after some steps on it."""
        width = WIDTHS[0] if self._phone else WIDTH
        height = TALL.get(name, 900)
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        tab = context.new_page()
        tab.goto(address)
        if steps is not None:
            steps(tab)
        data = tab.locator(show).screenshot() if show else tab.screenshot(full_page=self._phone)
        context.close()
        path = self._folder / f"{name}{'-phone' if self._phone else ''}-{scheme}.png"
        # few colours, rare ones among them, and without dithering: these are letters and areas
        with Image.open(io.BytesIO(data)) as found:
            few = found.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            few.save(path, optimize=True)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


Steps = Callable[[Any], None]


def ticked(tab: Any) -> None:
    """Marks the answer that is open: two items of the rubric and a comment."""
    tab.keyboard.press("1")
    tab.keyboard.press("2")
    tab.keyboard.press("c")
    tab.keyboard.type("What are the weights 1, 2, 1 for?")
    tab.keyboard.press("Escape")
    tab.wait_for_timeout(1_000)


def longest(tab: Any) -> None:
    """Goes to the first answer with a formula that has no mark."""
    for _ in range(30):
        given = tab.inner_text("#given")
        if given == "not marked" and tab.locator("#answer .answer math[display=block]").count():
            break
        here = tab.evaluate("document.getElementById('answer').dataset.save")
        tab.keyboard.press("u")
        tab.wait_for_function("here => document.getElementById('answer').dataset.save !== here", arg=here)
    ticked(tab)


def main() -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--phone", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as text, sync_playwright() as driver:
        place = Path(text)
        found, table = graded(place)
        out = a_class(place / "results", found)
        first = next(out.glob(f"{PEOPLE[0]}*"))
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS, timeout=180_000)
        camera = Camera(browser, given.folder, given.phone)
        for scheme in SCHEMES:
            desk = Running(out, "Eva")
            camera.take("desk", scheme, f"{desk.url}mark/q2_3", steps=longest)
            desk.stop()
            camera.take("report", scheme, (out / "report.html").as_uri())
            camera.take("feedback", scheme, f"{(first / 'feedback.html').as_uri()}#q2_2")
            page = place / "page.html"
            page.write_text(notebook_page(place, scheme), "utf-8")
            camera.take("notebook", scheme, page.as_uri(), "main")
            page.write_text(terminal_page(table, scheme), "utf-8")
            camera.take("terminal", scheme, page.as_uri(), "pre")
        browser.close()


if __name__ == "__main__":
    main()
