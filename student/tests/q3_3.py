"""Public checks of q3_3. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q3_3"
points = 4.5


@test_case(name="one row: the lab's example in one dimension", points=2.0, hidden=False)
def test_one_row():
    run_public("lab06", "q3_3", "one_row")


@test_case(name="one output spreads the kernel", points=1.0, hidden=False)
def test_one_output():
    run_public("lab06", "q3_3", "one_output")


@test_case(name="four outputs, whose kernels overlap", points=1.0, hidden=False)
def test_overlap():
    run_public("lab06", "q3_3", "overlap")


@test_case(name="float64 input, and arguments that stay as they were", points=0.5, hidden=False, success_message="4 of 9 checks are public; the others look at: images and kernels that are not square; kernels of one element, one row, one column, or larger than dL/dY; finite differences of L = sum(Y^2) in float64; views that are not contiguous, arguments by name, arguments that the caller still needs; combinations of sizes (beyond 128 too), dtypes, layouts and values, and calls that follow others.")
def test_float64():
    run_public("lab06", "q3_3", "float64")
