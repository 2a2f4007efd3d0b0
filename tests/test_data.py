"""MNIST is read from the bundled sample, or from the whole set wherever it lies."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import pytest
import torch
from harness import ROOT, lab, reference_sources
from lab06.data import digits, read_idx

from autograder.checking.context import Context
from autograder.grading import Grader, Options, UsageError
from autograder.submission import Submission


def idx(array: torch.Tensor) -> bytes:
    head = b"\0\0\x08" + bytes([array.dim()]) + struct.pack(f">{array.dim()}I", *array.shape)
    return head + array.to(torch.uint8).numpy().tobytes()


def at(data: Path | None) -> Context:
    return Context(lab(), "cpu", data, 0)


def write_set(folder: Path, packed: bool) -> dict[str, torch.Tensor]:
    folder.mkdir(parents=True)
    made = {}
    for part, count in (("train", 7), ("t10k", 3)):
        made[part] = torch.randint(256, (count, 28, 28), dtype=torch.uint8)
        for kind, array in (("images-idx3", made[part]), ("labels-idx1", torch.arange(count))):
            path = folder / f"{part}-{kind}-ubyte{'.gz' if packed else ''}"
            path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    return made


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("inside", ["MNIST/raw", "raw", "."])
def test_whole_set_is_found(tmp_path: Path, packed: bool, inside: str) -> None:
    made = write_set(tmp_path / "data" / inside, packed)
    found = digits(at(tmp_path / "data"))
    assert found.name == "full"
    assert torch.equal(found.train_images, made["train"])
    assert torch.equal(found.test_images, made["t10k"])
    assert found.test_labels.tolist() == [0, 1, 2]


def test_sample_is_stratified_and_tests_on_held_out_images() -> None:
    found = digits(at(None))
    assert found.name == "sample"
    assert found.train_labels.bincount().tolist() == [400] * 10
    assert found.test_labels.bincount().tolist() == [100] * 10
    theirs = read_idx(ROOT / "assignment/data/MNIST/raw/t10k-images-idx3-ubyte").flatten(1)
    ours = {bytes(image) for image in found.test_images.flatten(1).numpy()}
    assert not ours & {bytes(image) for image in theirs.numpy()}


@pytest.mark.parametrize("damage", [lambda raw: b"", lambda raw: raw[:-1], lambda raw: b"PK" + raw[2:]])
def test_damaged_file_is_named(tmp_path: Path, damage: object) -> None:
    write_set(tmp_path / "raw", packed=False)
    path = tmp_path / "raw" / "t10k-images-idx3-ubyte"
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(UsageError, match="t10k-images"):
        digits(at(tmp_path))


def test_truncated_gzip_is_named(tmp_path: Path) -> None:
    write_set(tmp_path / "raw", packed=True)
    path = tmp_path / "raw" / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UsageError, match="train-images"):
        digits(at(tmp_path))


def test_folder_without_data_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--data"), Grader(lab(), Options(data=tmp_path)):
        pass


def whole_mnist() -> Path | None:
    """Where all of MNIST lies on this machine, if anywhere."""
    named = os.environ.get("CONVLAB_DATA")
    for folder in (Path(named) if named else None, ROOT.parent / "shared" / "data"):
        if folder and any((folder / "MNIST" / "raw").glob("train-images-idx3-ubyte*")):
            return folder
    return None


@pytest.mark.ci
@pytest.mark.skipif(whole_mnist() is None, reason="the whole MNIST is not here; CONVLAB_DATA names it")
def test_training_on_all_of_mnist_reaches_its_threshold(warm: Grader) -> None:
    grader = warm.variant(only=frozenset({"q1_7"}), training=True, data=whole_mnist())
    grade = grader.grade(Submission("reference", dict(reference_sources())))
    assert grade.question("q1_7").score == 10
    assert grade.training is not None
    assert (grade.training.data, grade.training.batches) == ("full", 938)
    assert grade.training.averaged_accuracy >= grade.training.threshold == 0.97
