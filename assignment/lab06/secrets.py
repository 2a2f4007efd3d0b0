"""What else students must not get: the held-out test images and their labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from autograder.lab import Lab
from autograder.needles import Needles
from lab06.data import RAW

COMMON = ("with torch.no_grad():", "optimizer.zero_grad()", "optimizer.step()")
"""Lines of the reference that are in every program that trains: the notebook and the probes have them too."""

LABELS_IN_A_ROW = 24
"""So many labels one after another are no accident: 10^-24 by chance."""
PIXELS = 28 * 28
MIDDLE = slice(10 * 28, 18 * 28)
"""The middle of an image, where there is ink."""
FEW = 3
"""So many different values in a row of labels, or in the middle of an image, are in other files by chance."""
_DIGITS = bytes(range(ord("0"), ord("9") + 1))
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in _DIGITS)
_VALUES = bytes.maketrans(_DIGITS, bytes(range(10)))
_IMAGE_HEADER, _LABEL_HEADER = 16, 8
"""How long the heads of both files are (the IDX format)."""


def found(lab: Lab, data: bytes) -> Iterator[str]:
    """What of the held-out data some bytes hold: labels as bytes, or as digits in a text; images."""
    labels = _labels(lab.folder)
    if any(True for text in (data, data.translate(_VALUES, _NO_DIGITS)) for _ in labels.found(text)):
        yield "holds labels of the held-out test images"
    if any(True for _ in _images(lab.folder).found(data)):
        yield "holds held-out test images"


@lru_cache(maxsize=2)
def _images(folder: Path) -> Needles:
    """The middle of each image that the grader keeps for itself, but for those with next to nothing there."""
    pixels = _heldout(folder, "images-idx3")[_IMAGE_HEADER:]
    middles = (pixels[start : start + PIXELS][MIDDLE] for start in range(0, len(pixels), PIXELS))
    return Needles([middle for middle in middles if len(set(middle)) > FEW])


@lru_cache(maxsize=2)
def _labels(folder: Path) -> Needles:
    """The labels that the grader keeps for itself, some at a time."""
    labels = _heldout(folder, "labels-idx1")[_LABEL_HEADER:]
    starts = range(0, len(labels) - LABELS_IN_A_ROW + 1, LABELS_IN_A_ROW)
    rows = (labels[start : start + LABELS_IN_A_ROW] for start in starts)
    return Needles([row for row in rows if len(set(row)) > FEW])


def _heldout(folder: Path, kind: str) -> bytes:
    return (folder / "heldout" / RAW / f"t10k-{kind}-ubyte").read_bytes()
