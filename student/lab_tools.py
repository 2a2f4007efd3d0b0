"""Small helpers of the notebook. Nothing to do in here, and nothing of it is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

import torch
from IPython.core.getipython import get_ipython
from IPython.display import HTML, display
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
    """Hand on `items` one by one, and show on one line how far that is and how long the rest will take.

    `note` is called at each update; its text is at the end of the line.
    """
    total = len(items) if isinstance(items, Sized) else 0
    start = shown = time.perf_counter()
    show = _one_line()
    count = 0
    for count, item in enumerate(items, 1):
        yield item
        now = time.perf_counter()
        if now - shown > 0.2:
            shown = now
            left = f"{(now - start) * (total - count) / count:.0f} s left" if total else ""
            show(f"{label}: {_bar(count, total)}  {left}  {note()}")
    show(f"{label}: {_bar(count, total)}  {time.perf_counter() - start:.1f} s  {note()}\n")


def _bar(count: int, total: int) -> str:
    """`[####......] 4/10`; without a total the count by itself."""
    if not total:
        return str(count)
    done = 20 * count // total
    return f"[{'#' * done}{'.' * (20 - done)}] {count}/{total}"


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


_PAD = """
<div>
  <canvas id="ID" width="280" height="280" style="background:#000;touch-action:none;cursor:crosshair"
    aria-label="Draw a digit here"></canvas><br>
  <button type="button" id="ID-copy">Copy</button> <button type="button" id="ID-clear">Clear</button>
  <span id="ID-said" role="status"></span><br>
  <textarea id="ID-text" rows="3" cols="40" readonly aria-label="The drawing as text"></textarea>
</div>
<script>
(function () {
  const part = name => document.getElementById("ID" + name);
  const canvas = part(""), pen = canvas.getContext("2d");
  let last = null;
  function clear() { pen.fillStyle = "#000"; pen.fillRect(0, 0, 280, 280); part("-text").value = ""; }
  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * 280 / box.width, (event.clientY - box.top) * 280 / box.height];
  }
  function draw(event) {
    if (!last) return;
    const now = at(event);
    pen.strokeStyle = "#fff"; pen.lineWidth = 22; pen.lineCap = "round";
    pen.beginPath(); pen.moveTo(...last); pen.lineTo(...now); pen.stroke();
    last = now;
  }
  function text() {
    const pixels = pen.getImageData(0, 0, 280, 280).data, lines = [];
    for (let row = 0; row < 28; row++) {
      let line = "";
      for (let col = 0; col < 28; col++) {
        let sum = 0;
        for (let y = 0; y < 10; y++) for (let x = 0; x < 10; x++)
          sum += pixels[4 * ((10 * row + y) * 280 + 10 * col + x)];
        line += Math.round(sum / 100 / 17).toString(16);
      }
      lines.push(line);
    }
    return lines.join("\\n");
  }
  canvas.onpointerdown = event => {
    canvas.setPointerCapture(event.pointerId); last = at(event); draw(event);
  };
  canvas.onpointermove = draw;
  canvas.onpointerup = () => { last = null; part("-text").value = text(); };
  part("-clear").onclick = clear;
  part("-copy").onclick = () => {
    part("-text").value = text(); part("-text").select();
    const said = words => { part("-said").textContent = words; };
    if (navigator.clipboard) navigator.clipboard.writeText(text()).then(
      () => said("copied"), () => said("copy the text below yourself"));
    else { document.execCommand("copy"); said("copied"); }
  };
  clear();
})();
</script>
"""


def draw_digit() -> None:
    """Show a pad to draw on; its *Copy* puts the drawing on the clipboard as text, for `digit`."""
    display(HTML(_PAD.replace("ID", f"pad-{time.time_ns()}")))


def digit(text: str) -> Tensor:
    """The drawing that a text holds, as MNIST has its digits: 1 x 28 x 28, from 0 to 1.

    `text` is what the pad copied: 28 lines of 28 hexadecimal digits, one for each pixel. As in MNIST the
    digit is scaled so that its longer side has 20 pixels, and moved until its centre of mass is in the
    middle.
    ValueError where the text is no drawing, or an empty one.
    """
    lines = text.split()
    if len(lines) != 28 or any(len(line) != 28 or set(line) - set("0123456789abcdef") for line in lines):
        raise ValueError(
            "this is no drawing: paste the 28 lines that Copy gave you between the quotation marks"
        )
    drawn = torch.tensor([[int(pixel, 16) / 15 for pixel in line] for line in lines])
    rows, cols = (drawn.sum(dim=1) > 0).nonzero().flatten(), (drawn.sum(dim=0) > 0).nonzero().flatten()
    if not len(rows):
        raise ValueError("the drawing is empty: draw a digit first, then press Copy")
    ink = drawn[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    scale = 20 / max(ink.shape)
    size = (max(1, round(ink.shape[0] * scale)), max(1, round(ink.shape[1] * scale)))
    ink = torch.nn.functional.interpolate(ink[None, None], size=size, mode="bilinear", antialias=True)[0, 0]
    place = [_start(ink.sum(dim=1)), _start(ink.sum(dim=0))]
    image = torch.zeros(1, 28, 28)
    image[0, place[0] : place[0] + size[0], place[1] : place[1] + size[1]] = ink.clamp(0, 1)
    return image


def _start(mass: Tensor) -> int:
    """Where a row of ink has to begin so that its centre of mass is in the middle of 28 pixels."""
    centre = float((mass * torch.arange(len(mass))).sum() / mass.sum())
    return min(max(0, round(13.5 - centre)), 28 - len(mass))
