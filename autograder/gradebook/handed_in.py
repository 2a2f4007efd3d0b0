"""What was handed in, kept beside the grade for people who mark: code as text, pictures as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.gradebook.names import HANDED_IN, PICTURES
from autograder.gradebook.ungraded import read_ungraded

MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class HandedIn:
    """The modules of a submission by name, or why one cannot be read, and pictures by their file names.

    `place` is its folder's name and its own, which tell it from others of its name.
    """

    digest: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    place: str = ""

    def files(self, folder: Path) -> dict[Path, str | bytes]:
        """The files that hold it in a submission's folder."""
        text = {
            "digest": self.digest,
            "place": self.place,
            "sources": dict(self.sources),
            "problems": dict(self.problems),
        }
        found: dict[Path, str | bytes] = {
            folder / HANDED_IN: json.dumps(text, indent=1, ensure_ascii=True) + "\n"
        }
        return found | {folder / PICTURES / name: data for name, data in self.pictures.items()}


def read_handed_in(folder: Path) -> HandedIn:
    """What is kept in a submission's folder, without the pictures; empty where nothing is."""
    path = folder / HANDED_IN
    try:
        if path.stat().st_size > MAX_BYTES:
            return HandedIn()
        data = json.loads(path.read_bytes())
        texts = _texts(data["sources"]), _texts(data["problems"])
        return HandedIn(str(data["digest"]), *texts, place=str(data.get("place", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return HandedIn()


def place_of(out: Path, name: str) -> str:
    """From where the results came that are there under an id; "" where there are none."""
    if (found := read_ungraded(out / name)) is not None:
        return found.place
    return read_handed_in(out / name).place


def _texts(found: Mapping[object, object]) -> dict[str, str]:
    return {str(name): str(text) for name, text in found.items()}
