"""Who is marking what just now, for others at the same results folder. Nothing depends on it."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = ".convlab.desk"
FRESH_SECONDS = 120.0
MAX_BYTES = 4_096


@dataclass(frozen=True)
class Present:
    """Someone at the desk: the question and the submission that they look at, and since when (Unix time)."""

    who: str
    question: str
    submission: str
    at: float


def note(folder: Path, who: str, question: str, submission: str) -> None:
    """Note what someone looks at. Where that cannot be written, others just do not see it."""
    place = folder / FOLDER
    name = hashlib.sha256(who.encode()).hexdigest()[:16]
    part = place / f"{name}.{os.getpid()}.part"
    with suppress(OSError):
        place.mkdir(exist_ok=True)
        part.write_text(json.dumps(asdict(Present(who, question, submission, time.time()))))
        part.replace(place / f"{name}.json")


def present(folder: Path) -> list[Present]:
    """Who was at a desk in the last two minutes."""
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            one = Present(**json.loads(path.read_bytes()[:MAX_BYTES]))
            if 0 <= time.time() - one.at < FRESH_SECONDS:
                found.append(one)
        except (OSError, ValueError, TypeError):
            continue
    return found
