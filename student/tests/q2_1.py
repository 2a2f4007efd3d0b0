"""Public checks of q2_1. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q2_1"
points = 3.5


@test_case(name="the upper left position", points=1.0, hidden=False)
def test_first_position():
    run_public("lab06", "q2_1", "first_position")


@test_case(name="other positions, to the last one, and a kernel of 1 x 3", points=2.0, hidden=False)
def test_other_positions():
    run_public("lab06", "q2_1", "other_positions")


@test_case(name="float64 input, and arguments that stay as they were", points=0.5, hidden=False, success_message="3 of 8 checks are public; the others look at: images and kernels that are not square; kernels of one element, one row, one column, or as large as the image; float64 input; views that are not contiguous, arguments by name, arguments that the caller still needs; combinations of sizes (beyond 128 too), dtypes, layouts and values, and calls that follow others.")
def test_double_precision():
    run_public("lab06", "q2_1", "double_precision")
