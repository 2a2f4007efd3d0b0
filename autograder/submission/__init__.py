"""Opens what was handed in as text: four modules and the notebook's written answers; extracts nothing."""

from autograder.submission.finding import find_submissions
from autograder.submission.opening import Submission, open_submission, submission_id
from autograder.submission.source import SubmissionError

__all__ = ["Submission", "SubmissionError", "find_submissions", "open_submission", "submission_id"]
