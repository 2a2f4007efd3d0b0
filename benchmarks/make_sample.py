"""Cut the bundled MNIST sample out of the full set: stratified, disjoint, and the same bytes every time.

    python benchmarks/make_sample.py PATH/TO/MNIST/raw [--out assignment]

PATH holds the four files of the full set, gzipped or not. Students get 400 training images of each digit
and 100 test images of each from the first half of the test set; the grader keeps 100 of each from the
second half, so that no image is in two of the three.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

SEED = 20261123
TRAIN_EACH, TEST_EACH, TEST_HALF = 400, 100, 5000


def read_idx(path: Path) -> Bytes:
    """The unsigned bytes of an IDX file, in its shape; `path` or `path`.gz. FileNotFoundError names both."""
    zipped = path.with_name(path.name + ".gz")
    if not path.is_file() and not zipped.is_file():
        raise FileNotFoundError(f"neither {path} nor {zipped} is there: give the folder of the full MNIST")
    raw = path.read_bytes() if path.is_file() else gzip.decompress(zipped.read_bytes())
    if raw[:3] != b"\0\0\x08":
        raise ValueError(f"{path} does not start like an IDX file of bytes")
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape.tolist())


def idx_bytes(values: Bytes) -> bytes:
    """`values` as an uncompressed IDX file."""
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.tobytes()


def stratified(labels: Bytes, each: int, candidates: Sequence[int], seed: int) -> list[int]:
    """`each` indices of every digit out of `candidates`, in ascending order.

    Sorted by draws of `random.Random(seed).random()`, the one generator that Python promises never to change.
    """
    draw = random.Random(seed)
    keys = {index: draw.random() for index in candidates}
    chosen: list[int] = []
    for digit in range(10):
        chosen += sorted((i for i in candidates if labels[i] == digit), key=keys.__getitem__)[:each]
    return sorted(chosen)


def sample_files(raw: Path) -> dict[str, bytes]:
    """The six files of the sample by their path under `assignment/`."""
    images, labels, test_images, test_labels = (
        read_idx(raw / name)
        for name in (
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        )
    )
    train = stratified(labels, TRAIN_EACH, range(len(labels)), SEED)
    shown = stratified(test_labels, TEST_EACH, range(TEST_HALF), SEED + 1)
    kept = stratified(test_labels, TEST_EACH, range(TEST_HALF, len(test_labels)), SEED + 2)
    return {
        **_pair("data/MNIST/raw/train", images[train], labels[train]),
        **_pair("data/MNIST/raw/t10k", test_images[shown], test_labels[shown]),
        **_pair("heldout/MNIST/raw/t10k", test_images[kept], test_labels[kept]),
    }


def _pair(stem: str, images: Bytes, labels: Bytes) -> dict[str, bytes]:
    return {
        f"{stem}-images-idx3-ubyte": idx_bytes(images),
        f"{stem}-labels-idx1-ubyte": idx_bytes(labels),
    }


def main() -> None:
    """Write the sample."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("raw", type=Path, help="folder of the full set's four files")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "assignment")
    arguments = parser.parse_args()
    try:
        files = sample_files(arguments.raw)
    except (OSError, ValueError) as error:
        sys.exit(f"make_sample: {error}")
    for name, content in files.items():
        target = arguments.out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        print(f"{target}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
