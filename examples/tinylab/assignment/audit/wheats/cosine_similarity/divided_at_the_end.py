"""All dot products first, then the lengths of both sides."""

import torch


def cosine_similarity(a, b):
    products = torch.einsum("ik,jk->ij", a, b)
    lengths = torch.outer(a.square().sum(1).sqrt(), b.square().sum(1).sqrt())
    return torch.where(lengths > 0, products / lengths, torch.zeros_like(products))
