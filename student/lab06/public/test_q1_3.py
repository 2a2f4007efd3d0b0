"""Public checks of q1_3: `make_loss`."""

from __future__ import annotations

import math

import torch

from autograder.checking.check import check
from autograder.checking.judge import Wrong, alike, ask, near, number
from autograder.checking.student import Student


@check("q1_3", 1, title="two examples that can be checked by hand")
def test_by_hand(student: Student) -> None:
    """Ten equal scores cost log 10; a score of log 3 beside nine of 0 costs log(12 / 3) for its own class."""
    logits = torch.zeros(2, 10)
    logits[0] = 1.0
    logits[1, 7] = math.log(3.0)
    reply = ask(student, "loss_of", logits=logits, labels=torch.tensor([4, 7]))
    if not reply.flag("callable"):
        raise Wrong("make_loss() returned something that cannot be called with (logits, labels).")
    call = "make_loss()([[1, 1, ..., 1], [0, ..., log 3 for class 7, ..., 0]], [4, 7])"
    near(number(reply.reply("loss"), call), (math.log(10) + math.log(4)) / 2, 1e-5, call)


@check("q1_3", 1, title="scores that are far apart, with a gradient")
def test_far_apart(student: Student) -> None:
    """A score of 200 for the wrong class costs 200; the logarithm of a float32 softmax is infinite."""
    logits = torch.zeros(1, 10)
    logits[0, 3] = 200.0
    reply = ask(student, "loss_of", logits=logits, labels=torch.tensor([5]))
    call = "make_loss()([[0, 0, 0, 200, 0, 0, 0, 0, 0, 0]], [5])"
    near(number(reply.reply("loss"), call), 200.0, 1e-5, call)
    expected = torch.zeros(1, 10)
    expected[0, 3], expected[0, 5] = 1.0, -1.0
    gradient = reply.tensor("gradient")
    if not alike(gradient, expected) or not torch.allclose(gradient, expected, atol=1e-5):
        raise Wrong(f"{call}\nhas the right value, but not the right gradient with respect to the scores.")
