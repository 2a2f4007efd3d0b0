"""Public checks of q1_1. Generated: do not edit."""

from autograder.checks.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_1"
points = 4


@test_case(name="turns images into ten logits each", points=2, hidden=False)
def test_output_shape():
    run_public("q1_1", "output_shape")


@test_case(name="has 93,322 parameters", points=2, hidden=False)
def test_parameter_count():
    run_public("q1_1", "parameter_count")
