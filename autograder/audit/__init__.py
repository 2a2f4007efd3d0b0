"""Measures the grader itself: right solutions must pass it, wrong ones must not."""
