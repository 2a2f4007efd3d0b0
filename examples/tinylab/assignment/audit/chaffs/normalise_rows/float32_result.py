"""The result is always float32.

Misconception: dtype_lost
"""

import torch
import torch.nn.functional as F


def normalise_rows(matrix):
    result = torch.zeros(matrix.shape)
    result[:] = F.normalize(matrix, dim=1)
    return result
