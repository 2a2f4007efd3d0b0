"""Public checks of q3_4. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q3_4"
points = 2.0


@test_case(name="with a 1 x 1 kernel every step doubles the image", points=2.0, hidden=False)
def test_doubles():
    run_public("lab06", "q3_4", "doubles")
