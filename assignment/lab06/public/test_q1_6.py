"""Public checks of q1_6: `evaluate`."""

from __future__ import annotations

from autograder.checking.check import check
from autograder.checking.judge import Reply, Wrong, ask, near, number, pair, same
from autograder.checking.student import Student
from lab06.public.test_q1_5 import LAYERS, WEIGHTS, _batch

CALL = "evaluate(model, loader, loss_fn, device)"


def _evaluate(student: Student) -> Reply:
    return ask(
        student,
        "evaluate",
        layers=LAYERS,
        weights=dict(WEIGHTS),
        batches=[_batch([[1, 0], [0, 1], [1, 0]], [0, 1, 0]), _batch([[1, 0]], [1])],
        loss="squared error",
    )


@check("q1_6", 2, title="loss and accuracy are means over the examples")
def test_means_over_examples(student: Student) -> None:
    """Batches of 3 and 1, errors 0, 0, 0 and 1, so the mean loss is 1/4."""
    loss, accuracy = pair(_evaluate(student).reply("result"), CALL)
    what = "batches of 3 and 1 examples with losses 0, 0, 0 and 1:"
    near(number(loss, "mean_loss"), 0.25, 1e-5, f"{what} mean_loss")
    near(number(accuracy, "accuracy"), 0.75, 1e-5, f"{what} accuracy")


@check("q1_6", 1, title="leaves the weights as they were")
def test_leaves_weights(student: Student) -> None:
    """Evaluation does not train."""
    reply = _evaluate(student)
    after = reply.weights("weights")
    for name, before in WEIGHTS.items():
        if name not in after or not same(after[name], before):
            raise Wrong(f"{CALL}\nchanged the model's weights; evaluation only looks.")
