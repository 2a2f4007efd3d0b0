"""Public checks of q1_4. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_4"
points = 1.5


@test_case(name="a step moves every parameter against its gradient", points=1.0, hidden=False)
def test_moves_every_parameter():
    run_public("lab06", "q1_4", "moves_every_parameter")


@test_case(name="the first step, with and without a gradient", points=0.5, hidden=False, success_message="2 of 5 checks are public; the others look at: kind of optimizer and step size; many steps; weight decay.")
def test_first_step():
    run_public("lab06", "q1_4", "first_step")
