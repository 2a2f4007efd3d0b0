"""Writes a `Grade` for those who read it: the terminal, Gradescope, spreadsheets, students and staff."""

from autograder.gradebook.table import grades_csv
from autograder.gradebook.gradescope import results
from autograder.report.terminal import new_console, print_summary, print_table

__all__ = ["grades_csv", "new_console", "print_summary", "print_table", "results"]
