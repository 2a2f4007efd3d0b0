"""Public checks of q3_4. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q3_4"
points = 2.0


@test_case(name="with a 1 x 1 kernel every step doubles the image", points=1.5, hidden=False)
def test_doubles():
    run_public("lab06", "q3_4", "doubles")


@test_case(name="float64 input, and arguments that stay as they were", points=0.5, hidden=False, success_message="2 of 5 checks are public; the others look at: kernels that are not square, in float64, with the caller's image left as it was; the defaults, 100 steps of 0.01, in float32; combinations of sizes, steps, dtypes, layouts and values, and calls that follow others.")
def test_float64():
    run_public("lab06", "q3_4", "float64")
