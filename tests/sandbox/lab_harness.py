"""Hostile submissions against the grader: what each hands in, what it may get, how that is judged."""

from __future__ import annotations

import re
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from attack_harness import SECRET, Canaries
from cost import affordable

from autograder.batch import Item, grade_all
from autograder.checking.catalog import catalog
from autograder.grade import Grade
from autograder.grading import Grader, Options
from autograder.lab import Lab, load_lab

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = frozenset({"q1_1", "q1_3", "q2_2", "q3_3"})
"""A question of each of four modules: what an attack does not hand in, the reference does."""
HIDDEN = frozenset((check.question, check.name) for check in catalog(load_lab(ROOT)) if check.hidden)


MEASURED = re.compile(r"CPU time used|\d\.\d+ s\b")
"""A time that code took, which can depend on what it was given; a limit, in whole seconds, cannot."""


@dataclass(frozen=True)
class LabAttack:
    """Modules and other files of a submission, its goal, and the verdicts honest for the modules' questions.

    One that is not to be graded at all has no verdicts; `refused` is a part of what is said of it then.
    """

    name: str
    goal: str
    verdicts: frozenset[str]
    modules: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)
    refused: str = ""

    def handed_in(self, canaries: Canaries) -> dict[str, str]:
        """All files by name, the reference's where the attack has none, aimed at the canaries."""
        names = lab().module_files
        reference = {name: (ROOT / "solutions" / name).read_text("utf-8") for name in names}
        return {_aimed(n, canaries): _aimed(t, canaries) for n, t in _files(reference, self).items()}


def _files(reference: dict[str, str], attack: LabAttack) -> dict[str, str]:
    return {**reference, **{f"{name}.py": text for name, text in attack.modules.items()}, **attack.files}


def _aimed(text: str, canaries: Canaries) -> str:
    places = canaries.places()
    marks = {"@SECRET@": "secret", "@FOLDER@": "folder", "@PORT@": "port", "@PID@": "pid"}
    for mark, key in marks.items():
        text = text.replace(mark, str(places[key]))
    return text


def lab() -> Lab:
    """The lab's assignment with limits that an attack reaches sooner."""
    usual = load_lab(ROOT)
    limits = usual.limits.model_copy(update={"cpu_seconds": 2.0, "wall_seconds": 6.0, "memory_mb": 256})
    return usual.model_copy(update={"limits": limits})


def lab_attacks() -> list[LabAttack]:
    """All of `assignment/audit/attacks/NAME/`: modules as files, other files as texts: none is live."""
    found = []
    for path in sorted((lab().cases / "attacks").glob("*/attack.toml")):
        facts = tomllib.loads(path.read_text("utf-8"))
        modules = {file.stem: file.read_text("utf-8") for file in sorted(path.parent.glob("*.py"))}
        verdicts = frozenset(facts.pop("verdicts", ()))
        found.append(LabAttack(path.parent.name, verdicts=verdicts, modules=modules, **facts))
    return found


OPTIONS = Options(only=QUESTIONS, training=False, device="cpu")


@contextmanager
def grading() -> Iterator[Grader]:
    """One grader for a whole batch."""
    with Grader(lab(), OPTIONS) as grader:
        yield grader


def write_zip(path: Path, files: dict[str, str]) -> Path:
    """Write files into a zip, whatever their names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return path


def graded(grader: Grader, files: dict[str, str], name: str, folder: Path) -> Grade | str:
    """Hand files in as a zip, and grade it as `convlab grade` does."""
    path = write_zip(folder / f"{name}.zip", files)
    (done,) = grade_all([Item(name, path)], grader, folder / "out")
    return done.result


def lab_contained(grader: Grader, attack: LabAttack, canaries: Canaries, folder: Path) -> None:
    """AssertionError unless it gets nothing for what it forges, its due for the rest, and touches nothing.

    The questions that it does not forge are the reference's: they show that grading goes on after the last.
    Nor may it cost the grader's own process more memory than that may have, or more time than all children.
    """
    files = attack.handed_in(canaries)
    with affordable(grader.lab.limits.cpu_seconds * len(grader.selection)):
        grade = graded(grader, files, attack.name, folder)
    canaries.check()
    if attack.refused:
        assert attack.refused in str(grade), f"not refused: {grade}"
        return
    assert isinstance(grade, Grade), f"not graded: {grade}"
    for question in grade.questions:
        asked = grader.lab.question(question.id)
        if question.id in grader.selection and asked.module in attack.modules:
            told = f"{question.id}: {question.verdict}, {question.score}"
            assert question.score == 0, told
            assert str(question.verdict) in attack.verdicts, told
        elif question.id in grader.selection:
            assert question.score == question.max_score, f"{question.id}, which is right: {question.checks}"
    _clean(grade, folder / "out" / attack.name)


def _clean(grade: Grade, out: Path) -> None:
    """What was written is the grade, and tells nothing that a student must not see."""
    assert Grade.model_validate_json((out / "grade.json").read_bytes()) == grade, "grade.json is another"
    shown = (out / "results.json").read_text("utf-8")
    assert SECRET not in shown + grade.to_json(), "it read the secret"
    assert len(shown) < 200_000, f"results.json has {len(shown)} bytes"
    for question in grade.questions:
        for check in question.checks:
            told = check.message if (question.id, check.name) in HIDDEN else ""
            assert "ECHO" not in told, "it echoes a hidden input"
            assert "status" not in told, "it shows an exit status"
            assert not MEASURED.search(told), "it shows a time"
            assert len(check.message) + len(check.detail) < 20_000, "it is long"
