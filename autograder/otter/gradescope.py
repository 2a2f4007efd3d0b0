"""What `run_autograder` does in Gradescope's container: grade in isolation, run otter, write the results."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from autograder.files import write_whole
from autograder.garbage import look_seldom
from autograder.grade import Grade
from autograder.gradebook.gradescope import results
from autograder.gradebook.handover import NAME as MARKS
from autograder.gradebook.handover import HandedOver, with_marks
from autograder.gradebook.names import RESULTS
from autograder.lab import Lab, load_lab
from autograder.otter.config import CONFIG_NAME, read_config, settings
from autograder.otter.isolated import (
    GRADED,
    OUT,
    Graded,
    GraderFault,
    environment,
    grade_quarantined,
    package_root,
    quarantine,
)
from autograder.otter.quarantine import clear, trusted_notebook

FOLDER = "CONVLAB_AUTOGRADER_DIR"
"""Environment variable: the folder with source/, submission/ and results/, for tests; else /autograder."""


def main() -> int:
    """Grade what is in the autograder folder. A results.json is written, whatever happens."""
    look_seldom()
    base = Path(os.environ.get(FOLDER, "/autograder")).resolve()
    place = base / "results" / RESULTS
    try:
        text = grade(base)
    except Exception as error:
        traceback.print_exc()
        write_whole(place, json.dumps(_fault(), indent=2))
        print(f"\nNo score was given: {error}", file=sys.stderr)
        return 3
    write_whole(place, text)
    return 0


def grade(base: Path) -> str:
    """The text of results.json for what is in `base`/submission. GraderFault when there is no such."""
    root = package_root(base)
    lab = load_lab(root)
    config = read_config((base / "source" / CONFIG_NAME).read_text("utf-8"))
    (base / "source").chmod(0o700)
    submission = base / "submission"
    private = quarantine(submission, base)
    clear(submission)
    (submission / lab.notebook).write_bytes(trusted_notebook(lab))
    graded = grade_quarantined(private, base, lab, settings(config))
    print(graded.report, flush=True)
    if otter := _run_otter(base, root, private):
        _compare(otter, graded)
    if graded.grade is None:
        return json.dumps(_unreadable(graded, lab), indent=2)
    if (base / "source" / MARKS).is_file():
        return results(_with_marks(graded.grade, base))
    return (private / OUT / RESULTS).read_text("utf-8")


def _with_marks(grade: Grade, base: Path) -> Grade:
    """The grade with what people gave for this very submission, which Gradescope's metadata numbers."""
    data = (base / "source" / MARKS).read_bytes()
    try:
        marks = HandedOver.model_validate_json(data)
        number = json.loads((base / "submission_metadata.json").read_text("utf-8")).get("id")
    except (ValidationError, ValueError, OSError, AttributeError) as error:
        raise GraderFault(f"{MARKS}: {error}") from None
    given = marks.submissions.get(f"submission_{number}")
    print(
        f"{MARKS}: {'points of people are added' if given else 'no points for this submission'}.", flush=True
    )
    return with_marks(grade, given) if given else grade


def _run_otter(base: Path, root: Path, private: Path) -> dict[str, Any] | None:
    """What otter makes of the graded submission; None, said aloud, when nothing: the grade stands."""
    _mend_metadata(base / "submission_metadata.json")
    place = base / "results" / RESULTS
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    command = [sys.executable, "-P", str(base / "source" / "run_otter.py")]
    environ = {**environment(root, os.environ), GRADED: str(private), FOLDER: str(base)}
    done = subprocess.run(command, cwd=base, env=environ, stdin=subprocess.DEVNULL)
    if done.returncode == 0 and place.is_file():
        found: dict[str, Any] = json.loads(place.read_text("utf-8"))
        return found
    print(f"otter ended with status {done.returncode}; the grade above does not depend on it.", flush=True)
    return None


def _mend_metadata(path: Path) -> None:
    """`otter grade` leaves an empty file, which otter itself cannot read."""
    if not path.is_file() or not path.read_text("utf-8").strip():
        path.write_text("{}", "utf-8")


def _compare(otter: dict[str, Any], graded: Graded) -> None:
    """The score in otter's results.json must be the grader's."""
    score = graded.grade.score if graded.grade else 0
    if not math.isclose(otter["score"], score, abs_tol=1e-6):
        raise GraderFault(f"otter's results say {otter['score']}, the grader {score}.")


def _unreadable(graded: Graded, lab: Lab) -> dict[str, Any]:
    """Results for a submission that could not be read: no points, and the reason."""
    test = {
        "name": "Your submission could not be read",
        "score": 0,
        "max_score": lab.max_score,
        "status": "failed",
        "output": graded.unreadable,
        "visibility": "visible",
    }
    return {"score": 0, "output": graded.unreadable, "stdout_visibility": "hidden", "tests": [test]}


def _fault() -> dict[str, Any]:
    """Results when the grader failed: no score at all, so that it is not taken for 0 points."""
    test = {
        "name": "The autograder itself failed",
        "status": "failed",
        "output": "This does not assess your work; no score was recorded. Please tell the course staff; "
        "they find the reason in the autograder's output, and can run it again.",
        "visibility": "visible",
    }
    return {"stdout_visibility": "hidden", "tests": [test]}


if __name__ == "__main__":
    sys.exit(main())
