"""Computes in float32 and only then makes float64 of it.

Misconception: single_precision
"""

import torch.nn.functional as F


def cosine_similarity(a, b):
    products = F.normalize(a.float(), dim=1) @ F.normalize(b.float(), dim=1).T
    return products.to(a.dtype)
