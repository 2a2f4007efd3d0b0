"""Checks: pytest functions that judge what a probe returned from student code."""
