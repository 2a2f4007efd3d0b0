"""A lab's sources, read and cut once: all that a release is made of is made from this."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from autograder.handin.answers import outline
from autograder.lab import Lab
from autograder.lab.facts import facts_of, filled
from autograder.release.cutter import Cut, cut_module
from autograder.release.mistakes import same_table, table_bytes
from autograder.release.notebooks import Notebooks, cut_notebook
from autograder.release.package import Files, package_files, read
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
        return package_files(self.lab, outline(self.notebooks.question.cells, self._written), self.signatures)

    @cached_property
    def signatures(self) -> dict[str, list[str]]:
        """The arguments' names of each function that is asked for, as the stubs have them."""
        asked = {name for question in self.lab.auto_graded for name in question.functions}
        return {
            node.name: [argument.arg for argument in node.args.args]
            for part in self.modules.values()
            for node in ast.parse(part.question).body
            if isinstance(node, ast.FunctionDef) and node.name in asked
        }

    @property
    def _written(self) -> list[str]:
        return [question.id for question in self.lab.questions if question.written]

    @cached_property
    def table(self) -> bytes:
        """The table by which students' checks name known mistakes: made by running these.

        The one that is there stays where it is the same but for rounding, so that student/ is not out of date
        on another processor than the one where it was made.
        """
        made = table_bytes(self.lab)
        there = read(self.lab.mistakes) if self.lab.mistakes.is_file() else b""
        return there if same_table(there, made) else made

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
        templates[path] = filled(read_template(lab.root / path), facts, path)
        modules[name] = cut_module(templates[path], path)
    path = lab.template.relative_to(lab.root).as_posix()
    templates[path] = filled(read_template(lab.template), facts, path)
    return CutLab(lab, facts, templates, modules, cut_notebook(templates[path], path))
