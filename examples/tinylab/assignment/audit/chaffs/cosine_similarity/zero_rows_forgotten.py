"""Divides by the lengths, those that are 0 too."""

import torch


def cosine_similarity(a, b):
    return a @ b.T / torch.outer(a.norm(dim=1), b.norm(dim=1))
