"""Public checks of q1_3: `make_loss`."""

from __future__ import annotations

import math

import torch

from autograder.checking.check import check
from autograder.checking.judge import Wrong, ask, near, number
from autograder.checking.student import Student


@check("q1_3", 2, title="two examples that can be checked by hand")
def test_by_hand(student: Student) -> None:
    """Equal logits of two classes cost log 2; logits of 0 and log 3 cost log(4/3) for the second class."""
    logits = torch.tensor([[1.0, 1.0], [0.0, math.log(3.0)]])
    reply = ask(student, "loss_of", logits=logits, labels=torch.tensor([0, 1]))
    if not reply.flag("callable"):
        raise Wrong("make_loss() returned something that cannot be called with (logits, labels).")
    call = "make_loss()([[1, 1], [0, log 3]], [0, 1])"
    near(number(reply.reply("loss"), call), (math.log(2) + math.log(4 / 3)) / 2, 1e-5, call)
