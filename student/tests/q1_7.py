"""Public checks of q1_7. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_7"
points = 2.0


@test_case(name="the loop learns eight simple pictures", points=2.0, hidden=False, success_message="1 of 2 checks are public; the others look at: accuracy on test images after training.")
def test_learns():
    run_public("lab06", "q1_7", "learns")
