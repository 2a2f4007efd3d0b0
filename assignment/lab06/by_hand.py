"""The library calls that do the work of questions 2 and 3: convolutions, windows, FFT, autograd."""

from __future__ import annotations

from inspect import isfunction

from autograder.checking.by_hand import ByHand
from lab06 import stand_ins
from lab06.probes import WATCHED

BY_HAND = ByHand(
    watched=WATCHED,
    named={
        "convolution": frozenset(
            (
                *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
                *("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"),
                *("convolution", "conv_tbc", "conv2d_input", "conv2d_weight", "convolution_backward"),
                *("convolve", "convolve2d", "fftconvolve", "oaconvolve", "correlate", "correlate2d"),
            )
        ),
        "windows": frozenset(
            ("unfold", "fold", "Unfold", "Fold", "im2col", "col2im", "as_strided", "sliding_window_view")
        ),
        "transform": frozenset(("fft", "fft2", "fftn", "rfft", "rfft2", "rfftn", "stft")),
        "autograd": frozenset(
            (
                "backward",
                "grad",
                "vjp",
                "jvp",
                "jacobian",
                "jacrev",
                "jacfwd",
                "value_and_grad",
                "grad_and_value",
            )
        ),
    },
    told={
        "convolution": "`F.conv2d`",
        "windows": "`F.unfold`",
        "transform": "FFT",
        "autograd": "autograd (`backward`, `grad`)",
    },
    others=frozenset(name for name, value in vars(stand_ins).items() if isfunction(value)),
)
