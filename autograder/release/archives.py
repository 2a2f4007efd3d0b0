"""Zips that are the same bytes for the same files, each with a manifest of hashes in it."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Collection, Mapping

MANIFEST = "MANIFEST.json"
SCHEMA = "convlab.manifest/1"
DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can hold: when an archive was made is no part of its content."""
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
