"""Public checks of q1_5. Generated: do not edit."""

from autograder.checking.local import run_public
from otter.test_files import test_case

OK_FORMAT = False
name = "q1_5"
points = 5.0


@test_case(name="loss and accuracy are means over the examples", points=1.5, hidden=False)
def test_means_over_examples():
    run_public("lab06", "q1_5", "means_over_examples")


@test_case(name="what counts is the prediction before the step", points=0.5, hidden=False)
def test_counted_before_the_step():
    run_public("lab06", "q1_5", "counted_before_the_step")


@test_case(name="one batch makes one step of the given optimizer", points=2.0, hidden=False)
def test_one_step():
    run_public("lab06", "q1_5", "one_step")


@test_case(name="gradients from before do not count", points=1.0, hidden=False, success_message="4 of 8 checks are public; the others look at: three steps of a small CNN with RMSprop, the last batch smaller; combinations of losses, optimizers, dtypes, batches and passes; many batches; any iterable of batches, a last batch of one example, gradients left over from before; a model on a GPU, batches that come from the CPU.")
def test_gradients_from_before():
    run_public("lab06", "q1_5", "gradients_from_before")
