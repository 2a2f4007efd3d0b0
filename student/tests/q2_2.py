"""Public checks of q2_2. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q2_2"
points = 4.5


@test_case(name="the Sobel kernel finds a vertical edge", points=2.0, hidden=False)
def test_vertical_edge():
    run_public("lab06", "q2_2", "vertical_edge")


@test_case(name="kernels of 2 x 2 and 1 x 3 on a 3 x 4 image", points=2.0, hidden=False)
def test_small_kernel():
    run_public("lab06", "q2_2", "small_kernel")


@test_case(name="float64 input, and arguments that stay as they were", points=0.5, hidden=False, success_message="3 of 8 checks are public; the others look at: images and kernels that are not square; kernels of one element, one row, one column, or as large as the image; float64 input; views that are not contiguous, arguments by name, arguments that the caller still needs; combinations of sizes (beyond 128 too), dtypes, layouts and values, and calls that follow others.")
def test_double_precision():
    run_public("lab06", "q2_2", "double_precision")
