"""Public checks of q1_1: `normalise_rows`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Reply, close, on_its_own, show, tensor_like
from autograder.checking.student import Student


def _normalise(student: Student, matrix: torch.Tensor, expected: torch.Tensor) -> None:
    call = f"normalise_rows(matrix) with matrix\n{show(matrix)}"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-5, call)

    on_its_own(student, "normalise", judge, matrix=matrix)


@check("q1_1", 1, title="two rows that can be checked by hand")
def test_by_hand(student: Student) -> None:
    """(3, 4) has length 5, (0, 2) has length 2."""
    _normalise(student, torch.tensor([[3.0, 4.0], [0.0, 2.0]]), torch.tensor([[0.6, 0.8], [0.0, 1.0]]))


@check("q1_1", 1, title="a row of zeros stays as it is")
def test_row_of_zeros(student: Student) -> None:
    """A row of zeros between two others."""
    matrix = torch.tensor([[0.0, 5.0, 0.0], [0.0, 0.0, 0.0], [0.0, -6.0, 8.0]])
    expected = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, -0.6, 0.8]])
    _normalise(student, matrix, expected)
