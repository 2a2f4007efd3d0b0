"""Changes the caller's matrix.

Misconception: argument_changed
"""

import torch


def normalise_rows(matrix):
    lengths = matrix.norm(dim=1, keepdim=True)
    matrix /= torch.where(lengths == 0, 1, lengths)
    return matrix
