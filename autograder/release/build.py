"""The release: three zips, written only when all that is claimed of them has been proved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.files import write_whole
from autograder.grading import Options
from autograder.lab import Lab, load_lab
from autograder.otter.generate import autograder_files
from autograder.release.archives import MANIFEST, archive, manifest
from autograder.release.confidential import Confidential
from autograder.release.leaks import find_leaks
from autograder.release.package import Files
from autograder.release.selftest import self_test
from autograder.release.sources import CutLab, cut_lab
from autograder.release.student import differences, present, solution_files, student_files

EXECUTABLE = {"run_autograder", "setup.sh"}
STUDENT, AUTOGRADER, SOLUTIONS = "student.zip", "autograder.zip", "solutions.zip"


class NotReleased(Exception):
    """Something that a release promises does not hold; the text names each place."""


@dataclass(frozen=True)
class Release:
    """The zips by name, and how many files each holds."""

    zips: dict[str, bytes]
    counts: dict[str, int]

    def lines(self) -> list[str]:
        """One line for each zip: size, files, hash."""
        return [
            f"{name}: {self.counts[name]} files, {len(data) / 2**20:.1f} MiB, "
            f"sha256 {hashlib.sha256(data).hexdigest()}"
            for name, data in self.zips.items()
        ]


def release(
    root: Path, out: Path, options: Options | None = None, tell: Callable[[str], None] = print
) -> Release:
    """Prove what a release promises, then write the zips and their manifest into `out`.

    NotReleased names what does not hold; then nothing is written. CutterError and ReleaseError are about the
    sources, GraderError is about the grader.
    """
    cut = cut_lab(load_lab(root))
    files, solutions = student_files(cut), solution_files(cut)
    check_student(cut, files)
    tell(f"student/ is up to date ({len(files)} files), and nothing in it gives away what it must not.")
    grades, problems = self_test(cut.lab, solutions, files, options)
    if problems:
        raise NotReleased("\n".join(problems))
    for name, grade in grades.items():
        tell(f"The {name} scores {grade.score:g} of {grade.max_score:g}.")
    built = build(cut.lab, files, solutions)
    write(built, out)
    for line in built.lines():
        tell(f"wrote {out / line}")
    return built


def build(lab: Lab, files: Files, solutions: Files) -> Release:
    """Make the three zips; `files` is what students get, `solutions` what staff get."""
    contents = {STUDENT: files, AUTOGRADER: autograder_files(lab), SOLUTIONS: solutions}
    zips = {name: archive(content, EXECUTABLE) for name, content in contents.items()}
    return Release(zips, {name: len(content) for name, content in contents.items()})


def check_student(cut: CutLab, files: Files) -> None:
    """Nothing confidential in the zip or in student/, and student/ as it is cut. NotReleased otherwise."""
    lab, folder = cut.lab, cut.lab.student
    changes = differences(files, folder)
    leaks = find_leaks({STUDENT: archive(files), **_changed(files, folder)}, Confidential(cut))
    problems = [f"students would get what they must not: {leak}" for leak in leaks]
    if not lab.mistakes.is_file() or lab.mistakes.read_bytes() != files[f"{lab.name}/public/mistakes.json"]:
        problems.append(f"{lab.mistakes} is out of date; run `convlab cut`")
    if changes:
        problems += [f"student/{line}" for line in changes]
        problems.append(
            "student/ is out of date: run `convlab cut`, look at what it changes, and commit that."
        )
    if problems:
        raise NotReleased("\n".join(problems))


def _changed(files: Mapping[str, bytes], folder: Path) -> Files:
    """What lies in student/ and is not as it is cut."""
    there = {name: (folder / name).read_bytes() for name in present(folder) if (folder / name).is_file()}
    return {f"student/{name}": data for name, data in there.items() if files.get(name) != data}


def write(built: Release, out: Path) -> None:
    """Write the zips and, last, the manifest of their hashes."""
    for name, data in built.zips.items():
        write_whole(out / name, data)
    write_whole(out / MANIFEST, manifest(built.zips))
