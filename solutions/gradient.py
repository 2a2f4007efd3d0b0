"""Exercise 3: gradients of the convolution, and an image that climbs along them."""

from __future__ import annotations

import torch
from convolution import apply_convolution
from torch import Tensor


def conv_gradient_wrt_input(dloss_dy: Tensor, kernel: Tensor) -> Tensor:
    """Compute dL/dX of the convolution Y = K * X from dL/dY (question q3_3).

    The formula, with all indices counted from 1 as in the notebook:

        dL/dx_ij = sum over k = L_k..U_k and l = L_l..U_l of  dL/dy_ab * k_kl

        a = i - k + 1    L_k = max(1, i - r(X) + r(K))    U_k = min(r(K), i)
        b = j - l + 1    L_l = max(1, j - c(X) + c(K))    U_l = min(c(K), j)

    Args:
        dloss_dy: the gradient dL/dY of the loss with respect to the output, a 2-D tensor of shape
            (r(Y), c(Y)), float32 or float64. Any size from 1 x 1 on; it may be smaller than the kernel.
        kernel: the kernel K, a 2-D tensor of the same dtype. It need be neither square nor 3 x 3.

    By hand: no <<by_hand.q3_3>> or the like. The rule:
    <<by_hand.rule>>.

    Returns dL/dX, a tensor of the image's shape (r(Y) + r(K) - 1, c(Y) + c(K) - 1) in the dtype of
    `dloss_dy`.

    Fine print: the bounds of the sums include both ends; Python counts from 0 and leaves the upper end out.
    float64 is computed in float64 throughout. `dloss_dy` and `kernel` may be views of any strides; they stay
    as they are, and so do torch's settings. A result depends on nothing but the arguments of its call, and no
    later call changes it.
    """
    #!TAG HWBEGIN
    #!MSG TODO 1: Work out how many rows and columns the original image has.
    #!MSG TODO 2: Compute the gradient at every row i and column j of the image, for example with
    #!MSG     for i in range(1, image_rows + 1):
    #!MSG         for j in range(1, image_cols + 1):
    #!MSG             gradient_ij = 0.0
    kernel_rows, kernel_cols = kernel.shape
    image_rows = dloss_dy.shape[0] + kernel_rows - 1
    image_cols = dloss_dy.shape[1] + kernel_cols - 1
    gradient = torch.zeros(image_rows, image_cols, dtype=dloss_dy.dtype, device=dloss_dy.device)
    for i in range(1, image_rows + 1):
        lower_k, upper_k = max(1, i - image_rows + kernel_rows), min(kernel_rows, i)
        for j in range(1, image_cols + 1):
            lower_l, upper_l = max(1, j - image_cols + kernel_cols), min(kernel_cols, j)
            # While k and l run up, a = i - k + 1 and b = j - l + 1 run down: hence the flip.
            outputs = dloss_dy[i - upper_k : i - lower_k + 1, j - upper_l : j - lower_l + 1].flip(0, 1)
            elements = kernel[lower_k - 1 : upper_k, lower_l - 1 : upper_l]
            gradient[i - 1, j - 1] = (outputs * elements).sum()
    return gradient
    #!TAG HWEND


def gradient_ascent(
    img: Tensor, kernel: Tensor, steps: int = 100, step_size: float = 0.01
) -> tuple[Tensor, list[float]]:
    """Change an image step by step so that the loss of its convolution grows (question q3_4).

    With Y = K * X the convolution of the image and L the sum of all y_ij squared, each step is

        X <- X + step_size * dL/dX

    Args:
        img: the image X to start from, a 2-D tensor of float32 or float64.
        kernel: the kernel K, a 2-D tensor of the same dtype that is not larger than the image.
        steps: how many steps to make.
        step_size: how far to go along the gradient in each.

    By hand: no <<by_hand.q3_4>> or the like. The rule:
    <<by_hand.rule>>.

    Returns the image after the last step (of the same shape and dtype as `img`), and a list of `steps`
    numbers: the loss before each update, so that the first belongs to `img` itself.

    Fine print: `img` belongs to the caller and stays as it is, `kernel` too. Use your own functions
    `apply_convolution` and `conv_gradient_wrt_input`; each question is scored by itself, so a mistake in
    those costs no points here.
    """
    img = img.detach().clone()
    losses: list[float] = []
    for _ in range(steps):
        #!TAG HWBEGIN
        #!MSG TODO 1: Convolve `img` with `kernel`, and append the loss to `losses`.
        #!MSG TODO 2: Compute the gradient of the loss with respect to `img`, and change `img` accordingly.
        #!MSG Hint: what is dL/dY for this loss?
        convolved = apply_convolution(img, kernel)
        losses.append((convolved**2).sum().item())
        img += step_size * conv_gradient_wrt_input(2 * convolved, kernel)
        #!TAG HWEND
    return img, losses
