"""Opens what was handed in as text: four modules and the notebook's written answers; extracts nothing."""

from autograder.submission.opening import Submission, find_submissions, open_submission
from autograder.submission.source import SubmissionError

__all__ = ["Submission", "SubmissionError", "find_submissions", "open_submission"]
