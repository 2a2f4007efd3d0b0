"""Public checks of q2_1. Generated: do not edit."""

from autograder.checks.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q2_1"
points = 3


@test_case(name="the upper left position", points=1, hidden=False)
def test_first_position():
    run_public("q2_1", "first_position")


@test_case(name="other positions, to the last one", points=2, hidden=False)
def test_other_positions():
    run_public("q2_1", "other_positions")
