"""Public checks of q3_4: `gradient_ascent`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import (
    CHANGED,
    Reply,
    Wrong,
    close,
    near,
    numbers,
    on_its_own,
    pair,
    same,
    show,
    tensor_like,
)
from autograder.checking.student import Student

IMG = torch.tensor([[1.0, 2.0, -1.0]])
KERNEL = torch.tensor([[2.0]])
CALL = f"gradient_ascent(img, kernel, steps=3, step_size=0.125) with img {show(IMG)}, kernel {show(KERNEL)}"


@check("q3_4", 1.5, title="with a 1 x 1 kernel every step doubles the image")
def test_doubles(student: Student) -> None:
    """y = 2x and L = 4 sum(x^2), so a step of 1/8 adds x itself; L grows by 4 each time, from 24."""

    def judge(reply: Reply) -> None:
        image, losses = pair(reply.reply("value"), CALL)
        close(tensor_like(image, IMG, CALL), 8 * IMG, 1e-4, CALL)
        curve = numbers(losses, f"{CALL}: losses")
        if len(curve) != 3:
            raise Wrong(f"{CALL}\nreturned {len(curve)} losses, expected 3: one before each update.")
        for n, loss in enumerate(curve):
            near(loss, 24.0 * 4**n, 1e-4, f"{CALL}\nlosses[{n}]")
        if not same(reply.tensors("arguments", 2)[0], IMG):
            raise Wrong(f"{CALL}\nchanged the caller's img.", CHANGED)

    on_its_own(student, "ascend", judge, img=IMG, kernel=KERNEL, steps=3, step_size=0.125)


@check("q3_4", 0.5, title="float64 input, and arguments that stay as they were")
def test_float64(student: Student) -> None:
    """The same ascent in float64: the image stays float64, and the steps are exact to 15 digits."""
    img, kernel = IMG.double() / 3, KERNEL.double()
    call = "gradient_ascent(img.double() / 3, kernel.double(), steps=3, step_size=0.125)"

    def judge(reply: Reply) -> None:
        image, _ = pair(reply.reply("value"), call)
        close(tensor_like(image, img, call), 8 * img, 1e-11, call)
        if not same(reply.tensors("arguments", 2)[0], img):
            raise Wrong(f"{call}\nchanged the caller's img.", CHANGED)

    on_its_own(student, "ascend", judge, img=img, kernel=kernel, steps=3, step_size=0.125)
