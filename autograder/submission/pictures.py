"""Pictures in written answers: taken out of the notebook, and named by their digests."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autograder.handin.pictures import file_of, kind_of, pasted, with_addresses

MAX_PICTURES = 12
"""So many pictures of one answer cell are kept."""
NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|gif|webp)")
"""What a picture is called; the name says what is in it, and so an answer's digest is of its pictures too."""
Beside = Callable[[str], bytes | None]
"""Gives the bytes of a file that was handed in."""


@dataclass
class Shown:
    """The pictures of a notebook: `found` in base64, by the digests that name them.

    `beside` gives those that are files. So many pictures are looked up in all: to name one takes a few
    characters, to read it takes long.
    """

    found: dict[str, str]
    beside: Beside | None = None
    left: int = MAX_PICTURES * 8

    def raw(self, address: str, cell: Any) -> bytes | None:
        """What a picture's address in a cell stands for; None where that cannot be had."""
        inside = address.startswith(("attachment:", "data:"))
        file = None if inside else file_of(address)
        if self.left <= 0 or not (inside or (self.beside and file)):
            return None
        self.left -= 1
        if inside:
            return pasted(address, cell)
        return self.beside(file) if self.beside and file else None


def with_pictures(cell: Any, source: str, shown: Shown) -> str:
    """An answer cell's text that names its pictures by their digests.

    Pictures are attached to the cell, in its text, or files that were handed in.
    """

    @cache
    def new(address: str) -> str | None:
        raw = shown.raw(address, cell)
        name = _kept(raw, shown.found) if raw else None
        if name is None:
            return "attachment:unreadable" if address.startswith("data:") else None
        return f"attachment:{name}"

    return with_addresses(source, new)


def _kept(raw: bytes, found: dict[str, str]) -> str | None:
    """The name under which a picture was kept; None where it is none, or too large."""
    kind = kind_of(raw)
    if kind is None or len(found) >= MAX_PICTURES * 8:
        return None
    name = f"{hashlib.sha256(raw).hexdigest()[:32]}.{kind}"
    found[name] = base64.b64encode(raw).decode()
    return name


def decoded_pictures(pictures: Mapping[str, str]) -> dict[str, bytes]:
    """The bytes of some pictures, by name."""
    return {name: base64.b64decode(data) for name, data in pictures.items() if NAME.fullmatch(name)}
