"""Public checks of q3_4. Generated: do not edit."""

from autograder.checks.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q3_4"
points = 2


@test_case(name="with a 1 x 1 kernel every step doubles the image", points=2, hidden=False)
def test_doubles():
    run_public("q3_4", "doubles")
