"""What students must not get: answers, hidden checks, the rubric, held-out data, markers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from autograder.checking.catalog import catalog, others
from autograder.checking.check import Check
from autograder.lab import Lab
from autograder.lab.rubric import rubric
from autograder.needles import Needles
from autograder.release.cutter import answers
from autograder.release.sources import CutLab
from autograder.release.template import read_template

SHORT = 12
"""An answer's line with fewer characters, spaces not counted, gives nothing away: `nn.ReLU(),`."""
SHORT_PROSE = 24
"""The same for lines that are neither code nor formula of an answer."""


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
    """All that must not get out of a lab."""

    cut: CutLab

    @property
    def lab(self) -> Lab:
        """The lab that keeps the secrets."""
        return self.cut.lab

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """Lines of answers, of the rubric, and of hidden checks."""
        found = [*self._answers(), *self._rubric(), *self._hidden_lines()]
        return tuple({secret.needle: secret for secret in reversed(found)}.values())

    @cached_property
    def secret_needles(self) -> Needles:
        """The secrets, to be looked for all at once, in their order."""
        return Needles([secret.needle.encode() for secret in self.secrets])

    def names_in(self, text: str) -> Iterator[re.Match[str]]:
        """Where a text names a hidden check: by its function, its key, or its own name if that is telling.

        A text that holds none of the `telling_names` has no such place.
        """
        return self._names_pattern.finditer(text)

    @cached_property
    def telling_names(self) -> tuple[str, ...]:
        """The names, and the package of the hidden checks without what joins its parts."""
        return (
            *sorted({name for check in self._hidden for name in self._names(check)}, reverse=True),
            "hidden",
        )

    @cached_property
    def _names_pattern(self) -> re.Pattern[str]:
        alternatives = "|".join(map(re.escape, self.telling_names[:-1])) or "(?!)"
        package = re.escape(self.lab.name)
        return re.compile(rf"\b{package}[./\\]hidden\b|(?<![A-Za-z0-9_])(?:{alternatives})(?![A-Za-z0-9_])")

    def of_the_lab(self, data: bytes) -> Iterable[str]:
        """What some bytes hold of the lab's own secrets, held-out data for example."""
        found: Iterable[str] = self._secrets_module.found(self.lab, data) if self._secrets_module else ()
        return found

    @cached_property
    def _secrets_module(self) -> ModuleType | None:
        return self.lab.optional("secrets")

    @cached_property
    def _common(self) -> frozenset[str]:
        """Squeezed lines that a program like this lab's has anyway."""
        lines = getattr(self._secrets_module, "COMMON", ())
        return frozenset(map(squeezed, lines))

    # --- texts -------------------------------------------------------------------------------------------

    def _answers(self) -> Iterator[Secret]:
        """Each answer's lines, but for those that the same file shows outside of answers too."""
        for name, text in self.cut.templates.items():
            lines, given = answers(text, name)
            parts = ((number, part) for number, line in lines for part in _code_and_comment(line))
            yield from self._needles(parts, squeezed(given), name, SHORT)

    def _rubric(self) -> Iterator[Secret]:
        if not self.lab.rubric.is_file():
            return
        name = self.lab.rubric.relative_to(self.lab.root).as_posix()
        lines = enumerate(rubric(self.lab).split("\n"), 1)
        cells = ((number, cell) for number, line in lines for cell in line.split("|"))
        yield from self._needles(cells, self._given, name, SHORT_PROSE)

    def _hidden_lines(self) -> Iterator[Secret]:
        for path in sorted((self.lab.package / "hidden").rglob("*.py")):
            name = path.relative_to(self.lab.root).as_posix()
            lines = enumerate(read_template(path).split("\n"), 1)
            telling = (line for line in lines if not line[1].startswith(("import ", "from ")))
            yield from self._needles(telling, self._given, name, SHORT_PROSE)

    @cached_property
    def _given(self) -> str:
        """What students are meant to see: the questions, the public checks' code, what the others look at."""
        code = (data.decode() for name, data in self.cut.package.items() if name.endswith(".py"))
        return squeezed("\n".join([*self.cut.question_texts(), *code, *others(self.lab).values()]))

    def _needles(
        self, lines: Iterable[tuple[int, str]], given: str, name: str, short: int
    ) -> Iterator[Secret]:
        """The lines that are long enough to matter, and not in the squeezed text that is given."""
        for number, line in lines:
            needle = squeezed(line)
            if len(needle) >= short and needle not in self._common and needle not in given:
                yield Secret(needle, f"line {number} of {name}" if number else name)

    # --- names -------------------------------------------------------------------------------------------

    @cached_property
    def _hidden(self) -> list[Check]:
        return [check for check in catalog(self.lab) if check.hidden]

    def _names(self, check: Check) -> Iterator[str]:
        """Its key, and those names that are no words of public code or of the lab, as `weight_decay` is."""
        yield check.key
        for name in (check.function, check.name):
            if "_" in name and name not in self._given and name not in self._reference:
                yield name

    @cached_property
    def _reference(self) -> str:
        return "\n".join(self.cut.templates[f"solutions/{name}"] for name in self.lab.module_files)


def _code_and_comment(line: str) -> tuple[str, ...]:
    code, separator, comment = line.partition("  # ")
    return (code, comment) if separator else (line,)
