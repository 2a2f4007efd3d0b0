"""Public checks of q1_2. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_2"
points = 2.0


@test_case(name="two rows against three", points=2.0, hidden=False, success_message="1 of 3 checks are public; the others look at: other numbers of rows, and rows of zeros; float64 input, views that are not contiguous, matrices that the caller still needs.")
def test_by_hand():
    run_public("tinylab", "q1_2", "by_hand")
