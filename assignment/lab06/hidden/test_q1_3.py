"""Hidden checks of q1_3: `make_loss` against cross entropy and its gradient."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Reply, Told, alike, ask_each, near, number
from autograder.checking.student import Student
from autograder.values import Value
from lab06 import tolerances
from lab06.hidden.training_domains import LOSS, drawn_scores


def _check(student: Student, rng: Generator, dtype: str, relative: float) -> None:
    """Judge every pair of levels of the domain that goes with a dtype."""
    rows = [row for row in LOSS.rows if row["dtype"] == dtype]
    drawn = [drawn_scores(row, rng) for row in rows]
    cases: list[dict[str, Value]] = [
        {"logits": logits, "labels": labels, "layout": row["layout"], "history": row["history"]}
        for row, (logits, labels) in zip(rows, drawn, strict=True)
    ]
    for scores, reply in zip(drawn, ask_each(student, "loss_of", cases), strict=True):
        _judge(reply, *scores, relative)


def _judge(reply: Reply, logits: Tensor, labels: Tensor, relative: float) -> None:
    leaf = logits.detach().to(torch.float64, copy=True).requires_grad_()
    expected = F.cross_entropy(leaf, labels)
    gradient = torch.autograd.grad(expected, leaf)[0].to(logits.dtype)
    near(number(reply.reply("loss"), "the loss"), float(expected.detach()), relative, "the loss")
    rising = torch.arange(logits.shape[1], dtype=logits.dtype) / 10
    before = float(F.cross_entropy((logits + rising).double(), labels.flip(0)))
    near(number(reply.reply("earlier"), "an earlier loss"), before, relative, "an earlier loss")
    got = reply.tensor("gradient")
    if not alike(got, gradient) or not torch.allclose(got, gradient, rtol=10 * relative, atol=relative):
        raise Told("The loss has the right value but not the right gradient with respect to the logits.")


@check(
    "q1_3",
    1,
    family="value and gradient on batches of many sizes, with large logits too",
    hint="Cross entropy on raw scores, averaged over the batch; keep it attached to the graph.",
)
def test_value_and_gradient(student: Student, rng: Generator) -> None:
    """In float64; the loss of an earlier batch stays."""
    _check(student, rng, "float64", tolerances.LOSS)


@check(
    "q1_3",
    1,
    family="float32 logits, large ones too",
    hint="A softmax of scores some hundreds apart is exactly 0 in places, and log 0 is infinite.",
)
def test_single_precision(student: Student, rng: Generator) -> None:
    """As a model may give them."""
    _check(student, rng, "float32", tolerances.LOSS_SINGLE)
