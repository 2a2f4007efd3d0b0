"""Returns PyTorch's function itself, not an instance of the class."""

import torch.nn.functional as F


def make_loss():
    return F.cross_entropy
