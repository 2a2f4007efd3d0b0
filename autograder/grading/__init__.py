"""Grades one submission: probes run in the sandbox, checks judge here, a `Grade` comes out."""

from autograder.grading.grader import Grader, GraderError, Options, UsageError

__all__ = ["Grader", "GraderError", "Options", "UsageError"]
