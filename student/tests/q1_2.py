"""Public checks of q1_2. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_2"
points = 1.0


@test_case(name="returns the model with its weights, on the CPU", points=0.5, hidden=False)
def test_returns_the_model():
    run_public("lab06", "q1_2", "returns_the_model")


@test_case(name="moves every parameter to the device", points=0.5, hidden=False, success_message="2 of 3 checks are public; the others look at: a device other than the CPU.")
def test_moves_every_parameter():
    run_public("lab06", "q1_2", "moves_every_parameter")
