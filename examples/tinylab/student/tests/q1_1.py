"""Public checks of q1_1. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_1"
points = 2.0


@test_case(name="two rows that can be checked by hand", points=1.0, hidden=False)
def test_by_hand():
    run_public("tinylab", "q1_1", "by_hand")


@test_case(name="a row of zeros stays as it is", points=1.0, hidden=False, success_message="2 of 4 checks are public; the others look at: matrices of any size, some with rows of zeros or with short rows; float64 input, views that are not contiguous, a matrix that the caller still needs.")
def test_row_of_zeros():
    run_public("tinylab", "q1_1", "row_of_zeros")
