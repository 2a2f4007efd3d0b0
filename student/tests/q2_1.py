"""Public checks of q2_1. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q2_1"
points = 3.0


@test_case(name="the upper left position", points=1.0, hidden=False)
def test_first_position():
    run_public("lab06", "q2_1", "first_position")


@test_case(name="other positions, to the last one", points=2.0, hidden=False)
def test_other_positions():
    run_public("lab06", "q2_1", "other_positions")
