"""Public checks of q3_3. Generated: do not edit."""

from autograder.checks.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q3_3"
points = 4


@test_case(name="one row: the lab's example in one dimension", points=2, hidden=False)
def test_one_row():
    run_public("q3_3", "one_row")


@test_case(name="one output spreads the kernel, two rows overlap", points=2, hidden=False)
def test_two_rows():
    run_public("q3_3", "two_rows")
