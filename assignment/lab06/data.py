"""Reads MNIST: the bundled sample with its held-out test images, or the whole set."""

from __future__ import annotations

import gzip
import math
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from autograder.checking.context import Context
from autograder.errors import UsageError
from autograder.lab import Lab

RAW = Path("MNIST", "raw")


@dataclass(frozen=True)
class Digits:
    """Images as uint8 (N, 28, 28) and labels as int64 (N,), to train on and to test on."""

    name: str
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


def pixels(images: Tensor) -> Tensor:
    """What a network is given: uint8 images (B, 28, 28) as float32 (B, 1, 28, 28) in [0, 1]."""
    return images.unsqueeze(1).float() / 255


def read_idx(path: Path) -> Tensor:
    """An IDX file of bytes as a uint8 tensor; the format is that of MNIST (LeCun, Cortes, Burges)."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise UsageError(f"{path} is not an IDX file of bytes")
    shape = struct.unpack(f">{raw[3]}I", raw[4 : 4 + 4 * raw[3]])
    body = raw[4 + 4 * raw[3] :]
    if math.prod(shape) != len(body):
        raise UsageError(f"{path} should hold {math.prod(shape)} bytes of data and holds {len(body)}")
    return torch.frombuffer(bytearray(body), dtype=torch.uint8).reshape(shape)


def _pair(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    found = []
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        paths = [folder / f"{part}-{kind}", folder / f"{part}-{kind}.gz"]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            raise UsageError(
                f"{folder} holds no {part}-{kind}[.gz]; point --data at a folder with MNIST/raw/"
            )
        try:
            found.append(read_idx(path))
        except (OSError, EOFError, struct.error) as error:
            raise UsageError(f"{path} cannot be read: {error}") from None
    images, labels = found
    if len(images) != len(labels):
        raise UsageError(f"{folder}: {len(images)} {part} images but {len(labels)} labels")
    return images, labels.long()


def raw_folder(data: Path) -> Path:
    """The folder with the four files: `data`/MNIST/raw, `data`/raw or `data` itself."""
    for folder in (data / "MNIST" / "raw", data / "raw", data):
        if any(folder.glob("train-images-idx3-ubyte*")):
            return folder
    raise UsageError(
        f"{data} holds no MNIST/raw/train-images-idx3-ubyte[.gz]; point --data at the whole MNIST"
    )


def files(lab: Lab, data: Path | None) -> list[Path]:
    """The files that training reads: the full set under `data`, or the sample. UsageError: none there."""
    folders = (
        [raw_folder(data)] if data is not None else [lab.folder / "data" / RAW, lab.folder / "heldout" / RAW]
    )
    return sorted(path for folder in folders for path in folder.glob("*-ubyte*"))


def digits(context: Context) -> Digits:
    """The images that a grading run trains and tests on. UsageError when they cannot be read."""
    return _load(context.lab.folder, context.data)


@lru_cache(maxsize=2)
def _load(folder: Path, data: Path | None) -> Digits:
    if data is not None:
        full = raw_folder(data)
        return Digits("full", *_pair(full, "train"), *_pair(full, "t10k"))
    sample, heldout = folder / "data" / RAW, folder / "heldout" / RAW
    return Digits("sample", *_pair(sample, "train"), *_pair(heldout, "t10k"))
