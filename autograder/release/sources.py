"""A lab's sources, read and cut once: all that a release is made of is made from this."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from autograder.lab import Lab
from autograder.lab.facts import facts_of, filled
from autograder.release.cutter import Cut, cut_module
from autograder.release.mistakes import table_bytes
from autograder.release.notebooks import Notebooks, cut_notebook, placeholders
from autograder.release.package import Files, package_files
from autograder.release.template import read_template


@dataclass(frozen=True)
class CutLab:
    """The two sides of every source of a lab.

    `templates` are the texts of modules and notebook as their authors wrote them (facts filled in), by the
    file's path from the lab's root; `modules` are by file name.
    """

    lab: Lab
    facts: dict[str, str]
    templates: dict[str, str]
    modules: dict[str, Cut]
    notebooks: Notebooks

    @cached_property
    def package(self) -> Files:
        """The code that students get, all but the table of known mistakes."""
        return package_files(self.lab, placeholders(self.notebooks.question))

    @cached_property
    def table(self) -> bytes:
        """The table by which students' checks name known mistakes: made by running these."""
        return table_bytes(self.lab)

    def question_texts(self) -> list[str]:
        """The stubs' and the students' notebook's texts."""
        cells = [cell.source for cell in self.notebooks.question.cells]
        return [*(part.question for part in self.modules.values()), *cells]


def cut_lab(lab: Lab) -> CutLab:
    """Read and cut the lab's sources. CutterError and LabError name file and line of what is wrong."""
    facts = facts_of(lab)
    templates: dict[str, str] = {}
    modules: dict[str, Cut] = {}
    for name in lab.module_files:
        path = f"solutions/{name}"
        templates[path] = read_template(lab.root / path)
        modules[name] = cut_module(templates[path], path)
    path = lab.template.relative_to(lab.root).as_posix()
    templates[path] = filled(read_template(lab.template), facts, path)
    return CutLab(lab, facts, templates, modules, cut_notebook(templates[path], path))
