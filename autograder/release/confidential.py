"""What students must not get: answers, hidden checks, the rubric, test labels and images, markers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.lab import Lab
from autograder.checking.catalog import Check, catalog
from autograder.release.cutter import answers
from autograder.release.student import PACKAGE, question_texts
from autograder.release.template import read_template

SHORT = 12
"""An answer's line with fewer characters, spaces not counted, tells nothing: `nn.ReLU(),`."""
COMMON = frozenset({"withtorch.no_grad():", "optimizer.zero_grad()", "optimizer.step()"})
"""Lines that stand in every program that trains: the notebook's own code and the probes have them too."""
SHORT_PROSE = 24
"""The same for lines that are neither code nor formula of an answer."""
LABELS_IN_A_ROW = 24
"""As many labels one after another are no accident: 10^-24 by chance."""
PIXELS = 28 * 28
_IMAGE_HEADER, _LABEL_HEADER = 16, 8
MIDDLE = slice(10 * 28, 18 * 28)
"""The middle of an image, where there is ink."""


def squeezed(text: str) -> str:
    """A text without spaces and line ends: how it was laid out does not matter."""
    return "".join(text.split())


@dataclass(frozen=True)
class Secret:
    """A text, squeezed, that must not get out, and what it is part of."""

    needle: str
    what: str


@dataclass(frozen=True)
class Confidential:
    """All that must not get out of the lab under `root`."""

    lab: Lab

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """Lines of answers, of the rubric, and of hidden checks."""
        found = [*self._answers(), *self._rubric(), *self._hidden_lines(), *self._families()]
        return tuple({secret.needle: secret for secret in reversed(found)}.values())

    @cached_property
    def names(self) -> re.Pattern[str]:
        """What names a hidden check: its function, its key, its own name if it is a telling one."""
        names = {name for check in self._hidden for name in self._names(check)}
        alternatives = "|".join(sorted(map(re.escape, names), reverse=True))
        return re.compile(rf"checks[./\\]hidden\b|(?<![A-Za-z0-9_])(?:{alternatives})(?![A-Za-z0-9_])")

    @cached_property
    def images(self) -> tuple[bytes, ...]:
        """The middle of each image that the grader keeps for itself."""
        pixels = self._heldout("images-idx3")[_IMAGE_HEADER:]
        starts = range(0, len(pixels), PIXELS)
        return tuple(dict.fromkeys(pixels[start : start + PIXELS][MIDDLE] for start in starts))

    @cached_property
    def labels(self) -> tuple[bytes, ...]:
        """The labels that the grader keeps for itself, some at a time."""
        labels = self._heldout("labels-idx1")[_LABEL_HEADER:]
        starts = range(0, len(labels) - LABELS_IN_A_ROW + 1, LABELS_IN_A_ROW)
        return tuple(labels[start : start + LABELS_IN_A_ROW] for start in starts)

    def _heldout(self, kind: str) -> bytes:
        folder = self.lab.root / "assignment" / "heldout" / "MNIST" / "raw"
        return (folder / f"t10k-{kind}-ubyte").read_bytes()

    # --- texts -------------------------------------------------------------------------------------------

    def _answers(self) -> Iterator[Secret]:
        """Each answer's lines, but for those that the same file shows outside of answers too."""
        names = [f"solutions/{name}" for name in self.lab.module_files]
        names.append(f"assignment/{Path(self.assignment.notebook).with_suffix('.md')}")
        for name in names:
            lines, given = answers(read_template(self.lab.root / name), name)
            parts = ((number, part) for number, line in lines for part in _code_and_comment(line))
            yield from _secrets(parts, squeezed(given), name, SHORT)

    def _rubric(self) -> Iterator[Secret]:
        name = "assignment/rubric.md"
        lines = enumerate(read_template(self.lab.root / name).split("\n"), 1)
        cells = ((number, cell) for number, line in lines for cell in line.split("|"))
        yield from _secrets(cells, self._given, name, SHORT_PROSE)

    def _hidden_lines(self) -> Iterator[Secret]:
        folder = self.lab.root / "autograder" / "checks" / "hidden"
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(self.lab.root).as_posix()
            lines = enumerate(read_template(path).split("\n"), 1)
            telling = (line for line in lines if not line[1].startswith(("import ", "from ")))
            yield from _secrets(telling, self._given, name, SHORT_PROSE)

    def _families(self) -> Iterator[Secret]:
        for check in self._hidden:
            yield from _secrets([(0, check.family)], self._given, f"hidden check {check.key}", SHORT_PROSE)

    @cached_property
    def _given(self) -> str:
        """What students are meant to see: the questions, and the public part of the package."""
        folder = self.lab.root / "autograder"
        paths = [folder / f"{name}.py" for name in PACKAGE]
        paths += sorted((folder / "checks" / "public").glob("*.py"))
        texts = [*question_texts(self.lab), *(path.read_text("utf-8") for path in paths)]
        return squeezed("\n".join(texts))

    # --- names -------------------------------------------------------------------------------------------

    @property
    def _hidden(self) -> list[Check]:
        return [check for check in catalog() if check.hidden]

    def _names(self, check: Check) -> Iterator[str]:
        """Its key, and those names that are no words of public code or of the lab, as `weight_decay` is."""
        yield check.key
        for name in (check.function, check.name):
            if "_" in name and name not in self._given and name not in self._reference:
                yield name

    @cached_property
    def _reference(self) -> str:
        folder = self.lab.root / "solutions"
        return "\n".join(read_template(folder / name) for name in self.lab.module_files)


def _code_and_comment(line: str) -> tuple[str, ...]:
    code, separator, comment = line.partition("  # ")
    return (code, comment) if separator else (line,)


def _secrets(lines: Iterable[tuple[int, str]], given: str, name: str, short: int) -> Iterator[Secret]:
    """The lines that are long enough to tell something, and not in the squeezed text that is given."""
    for number, line in lines:
        needle = squeezed(line)
        if len(needle) >= short and needle not in COMMON and needle not in given:
            yield Secret(needle, f"line {number} of {name}" if number else name)
