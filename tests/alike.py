"""One solution, the same with other names, and another."""

from __future__ import annotations

import zipfile
from pathlib import Path

LOOP = '''
import torch


def apply_convolution(img, kernel):
    """Slide the kernel over the image."""
    height = img.shape[0] - kernel.shape[0] + 1
    width = img.shape[1] - kernel.shape[1] + 1
    result = torch.zeros(height, width, dtype=img.dtype)
    for row in range(height):
        for col in range(width):
            window = img[row : row + kernel.shape[0], col : col + kernel.shape[1]]
            result[row, col] = (window * kernel).sum()
    return result
'''
RENAMED = """
# All of this is my own work!
import torch
def apply_convolution(img, kernel):
    h = (img.shape[0] - kernel.shape[0] + 1)  # rows
    w = (img.shape[1] - kernel.shape[1] + 1)
    y = torch.zeros(
        h, w,
        dtype=img.dtype)

    for a in range(h):
        # columns
        for b in range(w):
            part = img[a:a + kernel.shape[0], b:b + kernel.shape[1]]
            y[a, b] = (part * kernel).sum()
    return y
"""
UNFOLD = """
import torch.nn.functional as F


def apply_convolution(img, kernel):
    rows, cols = kernel.shape
    blocks = img.unfold(0, rows, 1).unfold(1, cols, 1)
    flat = blocks.reshape(blocks.shape[0], blocks.shape[1], -1)
    return flat @ kernel.reshape(-1)
"""


def zipped(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("convolution.py", text)
