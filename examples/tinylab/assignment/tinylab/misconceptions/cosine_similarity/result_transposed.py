"""The result is transposed: its rows belong to `b`.

Which of the two matrices should the row number of the result belong to?
"""

import torch.nn.functional as F


def cosine_similarity(a, b):
    return F.normalize(b, dim=1) @ F.normalize(a, dim=1).T
