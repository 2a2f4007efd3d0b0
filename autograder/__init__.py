"""Grades labs; the labs themselves are folders beside it. See README.md."""

__version__ = "0.1.0"
