"""AdamW: Adam, with decoupled weight decay on top.
Misconception: adam
"""

import torch


def make_optimizer(model):
    return torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-5)
