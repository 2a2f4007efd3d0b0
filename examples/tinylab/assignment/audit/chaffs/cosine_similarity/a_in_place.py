"""Normalises the caller's own rows in place."""

import torch


def cosine_similarity(a, b):
    lengths = a.norm(dim=1, keepdim=True)
    a /= torch.where(lengths == 0, 1, lengths)
    return a @ normalise_rows(b).T
