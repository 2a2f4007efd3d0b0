"""The whole path as a list of images, the losses by comprehension at the end."""

from itertools import accumulate, repeat

import torch
from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    def up(x, size):
        return torch.add(x, conv_gradient_wrt_input(apply_convolution(x, kernel) * 2, kernel), alpha=size)

    path = list(accumulate(repeat(step_size, steps), up, initial=img.clone()))
    return path[-1], [apply_convolution(x, kernel).square().sum().item() for x in path[:-1]]
