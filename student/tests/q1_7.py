"""Public checks of q1_7. Generated: do not edit."""

from autograder.checks.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_7"
points = 2


@test_case(name="the loop learns eight simple pictures", points=2, hidden=False)
def test_learns():
    run_public("q1_7", "learns")
