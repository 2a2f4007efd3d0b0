"""Otter in front, our own grader behind: student code never runs in a process of otter's."""
