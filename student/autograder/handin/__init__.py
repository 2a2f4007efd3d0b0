"""Handing in, as both ends see it: which files count, what a module may import, which cells are answers.

A student's folder holds this package and so does the grader: `submit.py`, `grader.check`, `pytest` and the
intake read by the same rules and say the same sentences.
"""
