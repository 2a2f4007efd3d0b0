"""Public checks of q3_3. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q3_3"
points = 4.0


@test_case(name="one row: the lab's example in one dimension", points=2.0, hidden=False)
def test_one_row():
    run_public("lab06", "q3_3", "one_row")


@test_case(name="one output spreads the kernel, two rows overlap", points=2.0, hidden=False)
def test_two_rows():
    run_public("lab06", "q3_3", "two_rows")
