"""Releases: what students, the grader and the staff get, each built from one source."""
