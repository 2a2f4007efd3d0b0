"""Public checks of q1_4. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_4"
points = 1.0


@test_case(name="a step moves every parameter against its gradient", points=1.0, hidden=False)
def test_moves_every_parameter():
    run_public("lab06", "q1_4", "moves_every_parameter")
