"""Copies of Lab 6 that a test may change, and small changes to them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOML = "assignment/assignment.toml"
NOTEBOOK = "assignment/lab06.md"


def copied(place: Path, *, audit: bool = False) -> Path:
    """A copy of the lab below a folder: what an instructor edits, and what is made from it.

    Without `audit` its folder is the lab's own, which a test must not write to.
    """
    left_out = ["__pycache__"] if audit else ["__pycache__", "audit"]
    for name in ("assignment", "solutions", "student"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns(*left_out))
    if not audit:
        (place / "assignment" / "audit").symlink_to(ROOT / "assignment" / "audit")
    for name in ("constraints.txt", "otter_config.json"):
        shutil.copy(ROOT / name, place)
    return place


def quick_lab(place: Path) -> Path:
    """The lab with limits that an attack reaches soon."""
    root = copied(place)
    edit(root, TOML, "cpu_seconds = 10.0\n", "cpu_seconds = 1.5\n")
    text = (root / TOML).read_text()
    general = re.search(r"^\[limits\]\n(?:[^\[]*\n)*?wall_seconds = (\S+)$", text, flags=re.MULTILINE)
    assert general
    start, end = general.span(1)
    (root / TOML).write_text(f"{text[:start]}6.0{text[end:]}")
    return root


def edit(lab: Path, name: str, old: str, new: str) -> None:
    """Replace a text that is in one place of one file; an empty `old` appends."""
    path = lab / name
    text = path.read_text("utf-8")
    assert not old or text.count(old) == 1, f"{name} holds {text.count(old)} times {old!r}"
    path.write_text(text.replace(old, new) if old else text + new, "utf-8")


def add(lab: Path, name: str, text: str | bytes) -> None:
    """Write a file."""
    path = lab / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
