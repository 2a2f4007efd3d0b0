"""Public checks of q2_2. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q2_2"
points = 4.0


@test_case(name="the Sobel kernel finds a vertical edge", points=2.0, hidden=False)
def test_vertical_edge():
    run_public("lab06", "q2_2", "vertical_edge")


@test_case(name="a 2 x 2 kernel on a 3 x 4 image", points=2.0, hidden=False)
def test_small_kernel():
    run_public("lab06", "q2_2", "small_kernel")
