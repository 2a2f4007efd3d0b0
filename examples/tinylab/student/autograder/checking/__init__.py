"""Checks: pytest functions that judge what a probe brought back from student code."""
