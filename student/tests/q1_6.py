"""Public checks of q1_6. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_6"
points = 3.0


@test_case(name="loss and accuracy are means over the examples, on batches that can be read once", points=1.5, hidden=False)
def test_means_over_examples():
    run_public("lab06", "q1_6", "means_over_examples")


@test_case(name="leaves the weights as they were", points=0.5, hidden=False)
def test_leaves_weights():
    run_public("lab06", "q1_6", "leaves_weights")


@test_case(name="records no gradients", points=0.5, hidden=False)
def test_records_no_gradients():
    run_public("lab06", "q1_6", "records_no_gradients")


@test_case(name="batches from the CPU for a model on a GPU", points=0.5, hidden=False, success_message="4 of 7 checks are public; the others look at: combinations of losses, dtypes, batches of different sizes and kinds of loader; no gradients recorded, weights and gradients left as they were; a model on a GPU, batches that come from the CPU.")
def test_batches_are_moved():
    run_public("lab06", "q1_6", "batches_are_moved")
