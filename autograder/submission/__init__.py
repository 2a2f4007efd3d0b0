"""Opens what was handed in as text: the modules and the notebook's written answers; extracts nothing."""

from autograder.submission.exports import Handed, find_handed_in
from autograder.submission.finding import Tell, find_submissions, silent
from autograder.submission.opening import Submission, distinct, open_submission, submission_id
from autograder.submission.roster import Roster, RosterError, read_roster
from autograder.submission.source import SubmissionError

__all__ = [
    "Handed",
    "Roster",
    "RosterError",
    "Submission",
    "SubmissionError",
    "Tell",
    "distinct",
    "find_handed_in",
    "find_submissions",
    "open_submission",
    "read_roster",
    "silent",
    "submission_id",
]
