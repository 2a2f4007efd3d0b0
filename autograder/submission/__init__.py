"""Opens what was handed in as text: the modules and the notebook's written answers; extracts nothing."""

from autograder.submission.exports import Handed, find_handed_in
from autograder.submission.finding import find_submissions
from autograder.submission.opening import Submission, open_submission, submission_id
from autograder.submission.roster import Roster, RosterError, read_roster
from autograder.submission.source import SubmissionError

__all__ = [
    "Handed",
    "Roster",
    "RosterError",
    "Submission",
    "SubmissionError",
    "find_handed_in",
    "find_submissions",
    "open_submission",
    "read_roster",
    "submission_id",
]
