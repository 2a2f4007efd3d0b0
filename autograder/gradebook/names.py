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

UNGRADED = "ungraded.json"
"""In a submission's folder: why there is no grade."""

HANDED_IN = "handed-in.json"
"""In a submission's folder: the modules' texts, for people who mark."""
PICTURES = "pictures"
"""In a submission's folder: a folder with the pictures of the written answers."""

TABLE = "grades.csv"
CLASS_PAGE = "report.html"
CANVAS, GRADESCOPE = "grades-canvas.csv", "grades-gradescope.csv"
WRITTEN_PAGE, WRITTEN_TABLE = "written.html", "written.csv"
MARKS = "marks.sqlite"
"""People's marks: the one file here that nothing can compute again."""
LOCK = ".convlab.lock"
ABSENT = ".convlab.absent.json"
"""Who has marks, and was not in what was graded last."""
BEHIND = ".convlab.table-behind"
"""There while the table lacks results that are in the files: a process that was killed leaves it behind."""

RETURNED = {
    "moodle": ("return-moodle.zip", "grades-moodle.csv"),
    "canvas": ("return-canvas.zip",),
    "blackboard": ("return-blackboard.zip", "grades-blackboard.csv"),
    "brightspace": ("return-brightspace.zip",),
    "ilias": ("return-ilias.zip",),
    "gradescope": ("return-gradescope",),
    "mail": ("return-mail",),
}
"""By platform, what goes back to the students: a zip or a folder, and the table if it takes one."""

RESERVED = frozenset(
    {
        *(TABLE, CLASS_PAGE, CANVAS, GRADESCOPE, WRITTEN_PAGE, WRITTEN_TABLE, MARKS),
        *(f"{MARKS}{end}" for end in ("-journal", "-wal", "-shm")),
        *(name for names in RETURNED.values() for name in names),
    }
)
"""Names that no submission may have: all that is written into a results folder, but for what begins with a
dot, as no submission's name does. The gradebook writes nothing else there."""
