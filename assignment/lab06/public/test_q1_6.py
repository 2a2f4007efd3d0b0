"""Public checks of q1_6: `evaluate`."""

from __future__ import annotations

from autograder.checking.check import check
from autograder.checking.judge import Reply, Wrong, ask, near, number, pair, same
from autograder.checking.student import Student
from autograder.values import Value
from lab06.public.test_q1_5 import LAYERS, WEIGHTS, _batch

CALL = "evaluate(model, loader, loss_fn, device)"


def _evaluate(student: Student, **more: Value) -> Reply:
    return ask(
        student,
        "evaluate",
        layers=LAYERS,
        weights=dict(WEIGHTS),
        batches=[_batch([[1, 0], [0, 1], [1, 0]], [1, 1, 0]), _batch([[1, 0]], [0])],
        loss="squared error",
        **more,
    )


@check("q1_6", 1.5, title="loss and accuracy are means over the examples, on batches that can be read once")
def test_means_over_examples(student: Student) -> None:
    """Batches of 3 and 1 from a generator, errors 1, 0, 0 and 0, so the mean loss is 1/4."""
    loss, accuracy = pair(_evaluate(student, loader="generator").reply("result"), CALL)
    what = "batches of 3 and 1 examples with losses 1, 0, 0 and 0:"
    near(number(loss, "mean_loss"), 0.25, 1e-5, f"{what} mean_loss")
    near(number(accuracy, "accuracy"), 0.75, 1e-5, f"{what} accuracy")


@check("q1_6", 0.5, title="leaves the weights as they were")
def test_leaves_weights(student: Student) -> None:
    """Evaluation does not train."""
    reply = _evaluate(student)
    after = reply.weights("weights")
    for name, before in WEIGHTS.items():
        if name not in after or not same(after[name], before):
            raise Wrong(f"{CALL}\nchanged the model's weights; evaluation only looks.")


@check("q1_6", 0.5, title="records no gradients")
def test_records_no_gradients(student: Student) -> None:
    """PyTorch need not remember anything here."""
    if _evaluate(student).flag("recorded"):
        raise Wrong(f"{CALL}\nlet the model's outputs record gradients; none are needed here.")


@check("q1_6", 0.5, title="batches from the CPU for a model on a GPU")
def test_batches_are_moved(student: Student) -> None:
    """On a simulated GPU, which every machine has."""
    batches: list[Value] = [_batch([[1, 0], [0, 1]], [0, 1]), _batch([[1, 0]], [1])]
    case: dict[str, Value] = {"layers": LAYERS, "weights": dict(WEIGHTS), "loss": "squared error"}
    reply = ask(student, "evaluate_elsewhere", device="cuda", batches=batches, **case)
    if reply.text("outcome") == "unclear":
        raise Wrong(
            f"{CALL}\nwith a model on a simulated GPU asks for a real one; use `device` and no other."
        )
    if reply.text("outcome") == "mismatch":
        raise Wrong(
            f"{CALL}\nwith a model on a simulated GPU and batches on the CPU\nmet tensors on two devices. "
            "Push both x and y to `device`."
        )
