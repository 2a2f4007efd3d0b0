"""Public checks of q1_5. Generated: do not edit."""

from autograder.checks.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_5"
points = 4


@test_case(name="loss and accuracy are means over the examples", points=2, hidden=False)
def test_means_over_examples():
    run_public("q1_5", "means_over_examples")


@test_case(name="one batch makes one step of the given optimizer", points=2, hidden=False)
def test_one_step():
    run_public("q1_5", "one_step")
