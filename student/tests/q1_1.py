"""Public checks of q1_1. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_1"
points = 4.0


@test_case(name="turns images into ten logits each", points=2.0, hidden=False)
def test_output_shape():
    run_public("lab06", "q1_1", "output_shape")


@test_case(name="has 93,322 parameters", points=2.0, hidden=False)
def test_parameter_count():
    run_public("lab06", "q1_1", "parameter_count")
