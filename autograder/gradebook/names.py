"""What the files of a results folder are called. `<submission>/` is a folder for each submission."""

from __future__ import annotations

GRADE = "grade.json"
"""In a submission's folder: its grade."""
RESULTS = "results.json"
"""In a submission's folder: the grade in Gradescope's format."""
FEEDBACK = "feedback.html"
"""In a submission's folder: the page for the student."""
HISTORY = "history"
"""In a submission's folder: a folder of its earlier grades, 1.json being the first."""

TABLE = "grades.csv"
CLASS_PAGE = "report.html"
CANVAS, GRADESCOPE = "grades-canvas.csv", "grades-gradescope.csv"
WRITTEN_PAGE, WRITTEN_TABLE = "written.html", "written.csv"
LOCK = ".convlab.lock"

RESERVED = frozenset({TABLE, CLASS_PAGE, CANVAS, GRADESCOPE, WRITTEN_PAGE, WRITTEN_TABLE})
"""Names that no submission may have."""
