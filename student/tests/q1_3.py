"""Public checks of q1_3. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_3"
points = 2.0


@test_case(name="two examples that can be checked by hand", points=2.0, hidden=False)
def test_by_hand():
    run_public("lab06", "q1_3", "by_hand")
