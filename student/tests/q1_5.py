"""Public checks of q1_5. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_5"
points = 4.0


@test_case(name="loss and accuracy are means over the examples", points=2.0, hidden=False)
def test_means_over_examples():
    run_public("lab06", "q1_5", "means_over_examples")


@test_case(name="one batch makes one step of the given optimizer", points=2.0, hidden=False)
def test_one_step():
    run_public("lab06", "q1_5", "one_step")
