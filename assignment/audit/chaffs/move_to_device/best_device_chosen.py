"""Chooses a GPU where there is one, else the CPU, and ignores the argument.
Misconception: parts_left_behind
"""

import torch


def move_to_device(model, device):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return model.to(device)
