"""Hidden checks of q1_3: `make_loss` against cross entropy and its gradient."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Told, alike, ask, near, number
from autograder.checking.student import Student


def _check(student: Student, logits: Tensor, labels: Tensor) -> None:
    leaf = logits.clone().requires_grad_()
    expected = F.cross_entropy(leaf, labels)
    gradient = torch.autograd.grad(expected, leaf)[0]
    reply = ask(student, "loss_of", logits=logits, labels=labels)
    near(number(reply.reply("loss"), "the loss"), float(expected.detach()), 1e-9, "the loss")
    got = reply.tensor("gradient")
    if not alike(got, gradient) or not torch.allclose(got, gradient, rtol=1e-7, atol=1e-10):
        raise Told("The loss has the right value but not the right gradient with respect to the logits.")


@check(
    "q1_3",
    2,
    family="value and gradient on batches of many sizes, with large logits too",
    hint="Cross entropy on raw scores, averaged over the batch; keep it attached to the graph.",
)
def test_value_and_gradient(student: Student, rng: Generator) -> None:
    """Batches of 1, 3, 64; 2 and 10 classes; logits up to a few hundred."""
    for examples, classes, scale in ((1, 10, 1.0), (3, 2, 1.0), (64, 10, 3.0), (5, 10, 100.0)):
        logits = scale * torch.randn((examples, classes), generator=rng, dtype=torch.float64)
        _check(student, logits, torch.randint(classes, (examples,), generator=rng))
