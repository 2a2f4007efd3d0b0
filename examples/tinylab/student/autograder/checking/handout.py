"""The lab as a student's folder knows it: the package of public checks, and a few facts beside it.

A student's folder holds no assignment.toml; what its checks and `submit.py` need to know of it is in the
lab's package as `facts.json`, written when the folder is cut.
"""

from __future__ import annotations

import importlib
import json
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.timeouts import TimeLimit

FACTS = "facts.json"


@dataclass(frozen=True)
class Handout:
    """The lab's package of the name `package`, as it was imported in a student's folder."""

    package: str

    @classmethod
    def of(cls, module: str) -> Handout:
        """The lab that a check's module (`lab.public.test_...`) belongs to."""
        return cls(module.partition(".")[0])

    @property
    def folder(self) -> Path:
        """Where the package is."""
        return Path(str(importlib.import_module(self.package).__file__)).parent

    @property
    def probes(self) -> ModuleType:
        """The module of probes."""
        return importlib.import_module(f"{self.package}.probes")

    @property
    def table(self) -> Path:
        """The table of known mistakes and their outcomes."""
        return self.folder / "public" / "mistakes.json"

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The names of the modules that students fill in."""
        return tuple(self._facts["modules"])

    @property
    def given(self) -> dict[str, None]:
        """The Python files that came with the lab, beside the modules."""
        return dict.fromkeys(map(str, self._facts.get("given", ())))

    def module_of(self, question: str) -> str:
        """The module that a question is answered in; "" where the question is not known."""
        return str(self._question(question).get("module", ""))

    def title_of(self, question: str) -> str:
        """A question's title; "" where it is not known."""
        return str(self._question(question).get("title", ""))

    def _question(self, question: str) -> dict[str, Any]:
        return next((each for each in self._facts["questions"] if each["id"] == question), {})

    @property
    def limit(self) -> TimeLimit:
        """How long the code of a question may take: as long as the grader lets it."""
        return TimeLimit.of(self._facts)

    def others(self, question: str) -> str:
        """What else is looked at in a question, when its public checks have passed; or ""."""
        return str(self._facts.get("others", {}).get(question, ""))

    @cached_property
    def _facts(self) -> dict[str, Any]:
        """facts.json, or in the lab's own folder what that is made of."""
        try:
            facts: dict[str, Any] = json.loads((self.folder / FACTS).read_text("utf-8"))
        except FileNotFoundError:
            facts = tomllib.loads((self.folder.parent / "assignment.toml").read_text("utf-8"))
        return facts
