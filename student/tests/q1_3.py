"""Public checks of q1_3. Generated: do not edit."""

from autograder.checks.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_3"
points = 2


@test_case(name="two examples that can be checked by hand", points=2, hidden=False)
def test_by_hand():
    run_public("q1_3", "by_hand")
