"""Public checks of q1_1. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_1"
points = 5.5


@test_case(name="turns images into ten logits each", points=2.0, hidden=False)
def test_output_shape():
    run_public("lab06", "q1_1", "output_shape")


@test_case(name="has 93,322 parameters", points=2.0, hidden=False)
def test_parameter_count():
    run_public("lab06", "q1_1", "parameter_count")


@test_case(name="a ReLU after every layer but the last", points=1.5, hidden=False, success_message="3 of 6 checks are public; the others look at: the output for given weights is that of the network in the question; each call builds a new model whose parameters can all be trained; the weights of a new model.")
def test_relu_after_every_layer():
    run_public("lab06", "q1_1", "relu_after_every_layer")
