"""Public checks of q1_3. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_3"
points = 2.0


@test_case(name="two examples that can be checked by hand", points=1.0, hidden=False)
def test_by_hand():
    run_public("lab06", "q1_3", "by_hand")


@test_case(name="scores that are far apart, with a gradient", points=1.0, hidden=False, success_message="2 of 4 checks are public; the others look at: value and gradient on batches of many sizes, with large logits too; float32 logits, large ones too.")
def test_far_apart():
    run_public("lab06", "q1_3", "far_apart")
