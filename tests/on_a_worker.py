"""What the cluster's tests have workers do: nothing of grading, and known answers."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from autograder.grade import Grade
from autograder.grading import Grader
from autograder.submission import Submission


def count(settings: bytes, order: bytes) -> bytes:
    """Answer with the order's number, after a moment."""
    time.sleep(float(os.environ.get("TEST_MOMENT", "0.05")))
    return json.dumps({"fault": f"{json.loads(order)}", "status": 3}).encode()


def made_up(settings: bytes, order: bytes) -> bytes:
    """Answer with the grade of a right submission, whatever was handed in."""
    digest = json.loads(order)["submission"]["digest"]
    grade = json.loads(Path(os.environ["TEST_GRADE"]).read_bytes())
    return json.dumps({"grade": {**grade, "work": digest}}).encode()


def right_grade(grader: Grader) -> Grade:
    """The grade of the reference."""
    return grader.grade(Submission("right", grader.lab.reference(), digest="right"))
