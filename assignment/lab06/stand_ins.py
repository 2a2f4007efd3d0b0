"""What later questions get in place of a question's function, so that one mistake costs one question.

Students do not get this file, and their code meets no stand-in where that function is asked for: each is
sent, as text, with the calls of later questions alone. So each is complete in itself: it uses what is
imported here, and no other function of this file.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def move_to_device(model: nn.Module, device: torch.device | str) -> nn.Module:
    """The model with all of its parts on the device."""
    return model.to(device)


def compute_convolution_at_position(i: int, j: int, img: Tensor, kernel: Tensor) -> Tensor:
    """One element of the convolution, of what of the image it needs: the rest would take time."""
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    if i < 1 or j < 1 or window.shape != kernel.shape:
        raise IndexError(f"the convolution has no element at ({i}, {j})")
    return F.conv2d(window[None, None], kernel[None, None])[0, 0, 0, 0]


def apply_convolution(img: Tensor, kernel: Tensor) -> Tensor:
    """The whole convolution."""
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


def conv_gradient_wrt_input(dloss_dy: Tensor, kernel: Tensor) -> Tensor:
    """The gradient with respect to the image."""
    return F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]
