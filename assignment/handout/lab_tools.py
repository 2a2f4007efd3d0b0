"""Small helpers of the notebook. Nothing to do in here, and nothing of it is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

import torch
from IPython.core.getipython import get_ipython
from IPython.display import display
from torch import Tensor

Item = TypeVar("Item")
_libraries: list[torch.library.Library] = []


def make_torchvision_importable() -> None:
    """See to it that `import torchvision` works beside a CPU build of torch.

    torchvision from PyPI is compiled for torch with CUDA. Beside a CPU build its own operators do not load,
    and the import ends with "operator torchvision::nms does not exist". The lab needs none of them, so their
    bare names, declared here, are enough. Where the import works, nothing is done.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _libraries.append(library)  # the names vanish with the object


def progress(items: Iterable[Item], label: str, note: Callable[[], str] = str) -> Iterator[Item]:
    """Hand on `items` one by one, and show on one line how far that is.

    `note` is called at each update; its text is at the end of the line.
    """
    total = f"/{len(items)}" if isinstance(items, Sized) else ""
    start = shown = time.perf_counter()
    show = _one_line()
    count = 0
    for count, item in enumerate(items, 1):
        yield item
        if time.perf_counter() - shown > 0.2:
            shown = time.perf_counter()
            show(f"{label}: {count}{total}  {note()}")
    show(f"{label}: {count}{total}  {note()}  ({time.perf_counter() - start:.1f} s)\n")


def _one_line() -> Callable[[str], None]:
    """A function whose text replaces what it showed before: a cell's output, or a console's line."""
    if get_ipython() is None:
        return lambda text: print(f"\r{text}", end="", flush=True)
    line = display({"text/plain": ""}, raw=True, display_id=True)
    return lambda text: line.update({"text/plain": text.rstrip()}, raw=True)


class LossRecorder:
    """A loss function that also keeps the loss of every batch, in `values`."""

    def __init__(self, loss_fn: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.loss_fn = loss_fn
        self.values: list[float] = []

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Call the loss function, and keep what it says."""
        loss = self.loss_fn(logits, labels)
        self.values.append(loss.item())
        return loss

    def last(self) -> str:
        """The newest loss as text."""
        return f"loss {self.values[-1]:.3f}" if self.values else ""


def convolve_with_progress(
    convolve: Callable[[Tensor, Tensor], Tensor], img: Tensor, kernel: Tensor, label: str, height: int = 8
) -> Tensor:
    """Convolve an image strip by strip, `height` rows of the result at a time, and show how far that is.

    A row of the result needs no more of the image than the r(K) rows under the kernel, so the strips put
    together are the whole.
    """
    overlap = kernel.shape[0] - 1
    starts = range(0, img.shape[0] - overlap, height)
    strips = [convolve(img[s : s + height + overlap], kernel) for s in progress(starts, label)]
    return torch.cat(strips)
