"""Zips that are the same bytes for the same files, each with a manifest of hashes in it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tempfile
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

MANIFEST = "MANIFEST.json"
SCHEMA = "convlab.manifest/1"
DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can tell: when an archive was made is no part of what it holds."""
LEVEL = 6
"""Of deflate. Level 9 takes nine times as long over a lab's data to make them 1 % smaller."""
_UNIX = 3


def archive(
    files: Mapping[str, bytes], executable: Collection[str] = (), about: Mapping[str, str] | None = None
) -> bytes:
    """A zip of these files, sorted, and of their manifest; `executable` names those with mode 0755."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, content in sorted({**files, MANIFEST: manifest(files, about)}.items()):
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = _UNIX
            info.external_attr = (stat.S_IFREG | (0o755 if name in executable else 0o644)) << 16
            out.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
    return buffer.getvalue()


def manifest(files: Mapping[str, bytes], about: Mapping[str, str] | None = None) -> bytes:
    """Size and SHA-256 of each file, and what else is known `about` them, as JSON."""
    listed = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(files.items())
    }
    return (json.dumps({"schema": SCHEMA, **(about or {}), "files": listed}, indent=2) + "\n").encode()


def place(path: Path, content: bytes) -> None:
    """Write a file in one go: it is there as a whole, or as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
