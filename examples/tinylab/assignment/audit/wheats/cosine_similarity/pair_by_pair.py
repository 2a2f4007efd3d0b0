"""Two loops, each cosine by the formula."""

import torch


def cosine_similarity(a, b):
    result = torch.zeros(len(a), len(b), dtype=a.dtype)
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            lengths = one.norm() * other.norm()
            if lengths > 0:
                result[i, j] = (one * other).sum() / lengths
    return result
