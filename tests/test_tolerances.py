"""Every tolerance lets right code through, however it sums, and keeps the nearest mistake out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from harness import edited, failed, outcomes
from hypothesis import given
from hypothesis import strategies as st
from lab06 import tolerances
from lab06.hidden.inputs import EXTREMES, NOT_SQUARE, Shape, noise
from torch import Generator, Tensor
from tries import slow_but, tries

SEEDS = st.integers(0, 2**31 - 1)
PAIRS = st.sampled_from([*NOT_SQUARE, *EXTREMES, ((12, 17), (7, 9)), ((20, 20), (20, 20))])
DTYPES = st.sampled_from([torch.float32, torch.float64])


def drawn(seed: int, pair: tuple[Shape, Shape], dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    rng = Generator().manual_seed(seed)
    return noise(rng, pair[0], dtype), noise(rng, pair[1], dtype)


def terms(img: Tensor, kernel: Tensor) -> Tensor:
    """The products that each output adds up, (outputs, kernel elements), each rounded once."""
    windows = img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel).reshape(-1, kernel.numel())


def exact(img: Tensor, kernel: Tensor) -> Tensor:
    return F.conv2d(img.double()[None, None], kernel.double()[None, None])[0, 0].reshape(-1)


def one_by_one(products: Tensor) -> Tensor:
    total = torch.zeros(len(products), dtype=products.dtype)
    for column in products.t():
        total = total + column
    return total


def in_pairs(products: Tensor) -> Tensor:
    while products.shape[1] > 1:
        odd = products[:, 2 * (products.shape[1] // 2) :]
        products = torch.cat([products[:, :-1:2] + products[:, 1::2], odd], 1)
    return products[:, 0]


@pytest.mark.parametrize("add", [one_by_one, in_pairs, lambda products: products.sum(1)])
@tries(60)
@given(seed=SEEDS, pair=PAIRS, dtype=DTYPES)
def test_any_order_of_summation_stays_inside(
    add: Callable[[Tensor], Tensor], seed: int, pair: tuple[Shape, Shape], dtype: torch.dtype
) -> None:
    img, kernel = drawn(seed, pair, dtype)
    products = terms(img, kernel)
    order = torch.randperm(products.shape[1], generator=Generator().manual_seed(seed))
    error = (add(products[:, order]).double() - exact(img, kernel)).abs().max()
    assert float(error) <= tolerances.convolution(img, kernel, dtype)


@tries(30)
@given(seed=SEEDS, pair=PAIRS, dtype=DTYPES)
def test_worst_first_and_fft_stay_inside_too(
    seed: int, pair: tuple[Shape, Shape], dtype: torch.dtype
) -> None:
    img, kernel = drawn(seed, pair, dtype)
    products = terms(img, kernel)
    largest_first = products.gather(1, products.abs().argsort(1, descending=True))
    bound = tolerances.convolution(img, kernel, dtype)
    assert float((one_by_one(largest_first).double() - exact(img, kernel)).abs().max()) <= bound
    size = list(img.shape)
    spectrum = torch.fft.rfft2(img) * torch.fft.rfft2(kernel.flip(0, 1), s=size)
    valid = torch.fft.irfft2(spectrum, s=size)[kernel.shape[0] - 1 :, kernel.shape[1] - 1 :]
    assert float((valid.double().reshape(-1) - exact(img, kernel)).abs().max()) <= bound


@tries(30)
@given(seed=SEEDS, pair=st.sampled_from(NOT_SQUARE), dtype=DTYPES)
def test_arithmetic_of_the_next_lower_precision_stays_out(
    seed: int, pair: tuple[Shape, Shape], dtype: torch.dtype
) -> None:
    img, kernel = drawn(seed, pair, dtype)
    lower = {torch.float32: torch.bfloat16, torch.float64: torch.float32}[dtype]
    rounded = terms(img.to(lower), kernel.to(lower)).to(lower).sum(1)
    error = (rounded.double() - exact(img, kernel)).abs().max()
    assert float(error) > tolerances.convolution(img, kernel, dtype)


NEAREST = [
    ("q1_4", "training", ("lr=1e-3", "lr=1.0001e-3")),
    ("q1_4", "training", ("weight_decay=1e-5", "weight_decay=1.001e-5")),
    (
        "q1_5",
        "training",
        (
            "        logits = model(x)\n        batch_loss",
            "        logits = model(x.float().to(x.dtype))\n        batch_loss",
        ),
    ),
    ("q1_6", "training", ("num_correct / num_images\n", "num_correct / (num_images + 1e-3)\n")),
    ("q3_4", "gradient", ("img += step_size", "img += 1.0000001 * step_size")),
    ("q3_3", "gradient", ("    return gradient", "    return gradient * 1.00001")),
    ("q2_2", "convolution", ("    return result", "    return result * 1.0001")),
]


@pytest.mark.parametrize(("question", "module", "edit"), slow_but(3, NEAREST))
def test_the_smallest_mistake_stays_out(question: str, module: str, edit: tuple[str, str]) -> None:
    for seed in range(3):
        assert failed(question, edited(module, edit), seed), f"accepted under seed {seed}"


def test_the_reference_stays_inside() -> None:
    for question in ("q1_4", "q1_5", "q1_6", "q2_2", "q3_3", "q3_4"):
        assert {how.verdict for how in outcomes(question, edited("model")).values()} == {"passed"}
