"""The calls that do the work of questions 2 and 3: convolutions, FFT, automatic differentiation."""

from __future__ import annotations

from inspect import isfunction

from autograder.checking.by_hand import ByHand
from lab06 import stand_ins
from lab06.probes import TRACED

BY_HAND = ByHand(
    traced=TRACED,
    named=frozenset(
        (
            *("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "Unfold", "Fold"),
            *("convolve", "convolve2d", "fftconvolve", "oaconvolve", "correlate", "correlate2d", "corr2d"),
            *("conv2d_input", "conv2d_weight", "sliding_window_view", "vjp", "jvp", "jacobian"),
        )
    ),
    means={
        **{name: name.removeprefix("fft_") for name in TRACED if name.startswith("fft_")},
        **{"Unfold": "unfold", "Fold": "fold", "im2col": "unfold", "col2im": "fold"},
        **{"Conv2d": "conv2d", "ConvTranspose2d": "conv_transpose2d"},
    },
    others=frozenset(name for name, value in vars(stand_ins).items() if isfunction(value)),
)
