"""The release: three zips, written only after everything promised about them has been verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.checking.catalog import catalog
from autograder.contract import page_bytes
from autograder.files import write_whole
from autograder.grading import Options
from autograder.lab import Lab, LabError, load_lab
from autograder.otter.config import CONFIG_NAME
from autograder.otter.generate import autograder_files, otter_config_bytes
from autograder.release.archives import MANIFEST, archive, manifest
from autograder.release.confidential import Confidential
from autograder.release.giveaways import find_giveaways
from autograder.release.leaks import Leak, find_leaks
from autograder.release.package import Files, read
from autograder.release.selftest import self_test
from autograder.release.slips import find_slips
from autograder.release.sources import CutLab, cut_lab
from autograder.release.student import differences, present, same, solution_files, student_files

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

    NotReleased names what does not hold; then nothing is written. LabError is about sources that cannot be
    read or cut, GraderError about the grader.
    """
    cut = cut_lab(load_lab(root))
    check_sources(cut)
    files, solutions = student_files(cut), solution_files(cut)
    zipped = zip_of(cut.lab, files)
    check_student(cut, files, zipped)
    tell(f"student/ is up to date ({len(files)} files) and gives nothing away.")
    grades, problems = self_test(cut.lab, solutions, files, options)
    if problems:
        raise NotReleased("\n".join(problems))
    for name, grade in grades.items():
        tell(f"The {name} scores {grade.score:g} of {grade.max_score:g}.")
    built = build(cut.lab, files, solutions, zipped)
    write(cut.lab, built, out)
    for line in built.lines():
        tell(f"wrote {out / line}")
    return built


def build(lab: Lab, files: Files, solutions: Files, zipped: bytes | None = None) -> Release:
    """Make the three zips.

    Args:
        lab: the lab
        files: what students get, by path
        solutions: what staff get, by path
        zipped: the zip of `files`, where it is made already
    """
    contents = {AUTOGRADER: autograder_files(lab), SOLUTIONS: solutions}
    zips = {STUDENT: zipped or zip_of(lab, files)}
    zips |= {name: zip_of(lab, content) for name, content in contents.items()}
    return Release(zips, {name: len(content) for name, content in {STUDENT: files, **contents}.items()})


def zip_of(lab: Lab, files: Files) -> bytes:
    """A zip of a release, with the version and the date of the lab in its manifest."""
    return archive(files, EXECUTABLE, lab.release)


def check_sources(cut: CutLab) -> None:
    """Look for slips, and for a stale student/: quick, and before anything else.

    NotReleased lists them all; LabError where the sources cannot be used at all.
    """
    slips = find_slips(cut)
    if any(slip.stops for slip in slips):
        raise LabError("\n".join(map(str, slips)))
    problems = [*map(str, slips), *stale(cut)]
    if problems:
        raise NotReleased("\n".join(problems))


def stale(cut: CutLab) -> list[str]:
    """What in student/ is not as it is cut, and the leaks in just that; the table of mistakes is not made."""
    lab = cut.lab
    table = read(lab.mistakes) if lab.mistakes.is_file() else b""
    files = student_files(cut, table)
    changes = differences(files, lab.student)
    looked_through = _changed(files, lab.student)
    problems = [_given_away(leak) for leak in find_leaks(looked_through, Confidential(cut))]
    config = lab.root / CONFIG_NAME
    if config.is_file() and not same(config.read_bytes(), otter_config_bytes(lab, catalog(lab))):
        problems.append(f"{config.name} is out of date; run `convlab cut`")
    written = page_bytes(lab)
    if (
        written is not None
        and lab.contract_page.is_file()
        and not same(lab.contract_page.read_bytes(), written)
    ):
        problems.append(f"{lab.contract_page} is out of date; run `convlab cut`")
    if not table:
        problems.append(f"{lab.mistakes} is missing; run `convlab cut`")
    if changes:
        problems += [f"student/{line}" for line in changes]
        problems.append(
            "student/ is out of date: run `convlab cut`, look at what it changes, and commit that."
        )
    return problems


def check_student(cut: CutLab, files: Files, zipped: bytes) -> None:
    """NotReleased where the students' zip gives anything away, or the table of mistakes is out of date."""
    lab = cut.lab
    problems = [_given_away(leak) for leak in find_leaks({STUDENT: zipped}, Confidential(cut))]
    problems += [_given_away(leak) for leak in find_giveaways(lab, files, cut.signatures)]
    if read(lab.mistakes) != cut.table:
        told = (
            "run `convlab cut`; if that does not help, one of its mistakes has a different outcome each time"
        )
        problems.append(f"{lab.mistakes} is out of date: {told}")
    if problems:
        raise NotReleased("\n".join(problems))


def _given_away(leak: Leak) -> str:
    return f"students must not get this: {leak}"


def _changed(files: Mapping[str, bytes], folder: Path) -> Files:
    """What is not in student/ as it is cut: the files that are there, and those that will be."""
    there = {name: (folder / name).read_bytes() for name in present(folder) if (folder / name).is_file()}
    kept = {name for name, data in files.items() if name in there and same(there[name], data)}
    changed = {f"student/{name}": data for name, data in there.items() if name not in kept}
    return changed | {f"{STUDENT}, {name}": data for name, data in files.items() if name not in kept}


def write(lab: Lab, built: Release, out: Path) -> None:
    """Write the zips and, last, the manifest of their hashes."""
    for name, data in built.zips.items():
        write_whole(out / name, data)
    write_whole(out / MANIFEST, manifest(built.zips, lab.release))
