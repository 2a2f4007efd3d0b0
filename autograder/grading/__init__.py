"""Grades one submission: probes run in the sandbox, checks judge here, a `Grade` comes out."""

from autograder.errors import GraderError, UsageError
from autograder.grading.grader import Grader, Options

__all__ = ["Grader", "GraderError", "Options", "UsageError"]
