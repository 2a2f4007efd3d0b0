"""Forgets to return.

Misconception: nothing_returned
"""

import torch.nn.functional as F


def normalise_rows(matrix):
    F.normalize(matrix, dim=1)
