"""Public checks of q1_2: `cosine_similarity`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Reply, close, on_its_own, show, tensor_like
from autograder.checking.student import Student


@check("q1_2", 1, title="two rows against three")
def test_by_hand(student: Student) -> None:
    """The lengths are 1 and 5 on one side, 1, 10 and 2 on the other."""
    a = torch.tensor([[1.0, 0.0], [3.0, 4.0]])
    b = torch.tensor([[0.0, 1.0], [8.0, 6.0], [-2.0, 0.0]])
    expected = torch.tensor([[0.0, 0.8, -1.0], [0.8, 0.96, -0.6]])
    call = f"cosine_similarity(a, b) with a\n{show(a)}\nb\n{show(b)}"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-5, call)

    on_its_own(student, "compare", judge, a=a, b=b)
