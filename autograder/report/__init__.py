"""Writes a `Grade` for those who read it: the terminal, Gradescope, spreadsheets, students and staff."""

from autograder.report.terminal import new_console, print_end, print_summary, print_table

__all__ = ["new_console", "print_end", "print_summary", "print_table"]
