"""Public checks of q1_6. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_6"
points = 3.0


@test_case(name="loss and accuracy are means over the examples", points=2.0, hidden=False)
def test_means_over_examples():
    run_public("lab06", "q1_6", "means_over_examples")


@test_case(name="leaves the weights as they were", points=1.0, hidden=False)
def test_leaves_weights():
    run_public("lab06", "q1_6", "leaves_weights")
