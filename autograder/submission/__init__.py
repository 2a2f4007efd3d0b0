"""Opens what was handed in as text: the modules and the notebook's written answers; extracts nothing."""

from autograder.submission.exports import Handed, Intake, find_handed_in, without_results
from autograder.submission.finding import Tell, find_submissions, silent
from autograder.submission.ids import ids
from autograder.submission.opening import (
    NOT_READ,
    Submission,
    distinct,
    open_submission,
    submission_id,
)
from autograder.submission.pictures import decoded_pictures
from autograder.submission.roster import Roster, RosterError, read_roster
from autograder.submission.source import SubmissionError

__all__ = [
    "NOT_READ",
    "Handed",
    "Intake",
    "Roster",
    "RosterError",
    "Submission",
    "SubmissionError",
    "Tell",
    "decoded_pictures",
    "distinct",
    "find_handed_in",
    "find_submissions",
    "ids",
    "open_submission",
    "read_roster",
    "silent",
    "submission_id",
    "without_results",
]
