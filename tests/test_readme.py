"""The pictures in README: there, small, in light and dark, and said in words."""

from __future__ import annotations

import re

from harness import ROOT

PICTURE = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="(?P<dark>[^"]+)">\s*'
    r'<img src="(?P<light>[^"]+)" width="[^"]+" alt="(?P<alt>[^"]+)">\s*</picture>'
)
MAX_BYTES = 60_000


def test_pictures_are_small_and_said_in_words() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    found = list(PICTURE.finditer(text))
    assert len(found) == text.count("<img") == 5
    shown = set()
    for picture in found:
        assert len(picture["alt"].split()) > 20
        assert picture["dark"] == picture["light"].replace("-light", "-dark")
        for name in (picture["light"], picture["dark"]):
            data = (ROOT / name).read_bytes()
            assert data.startswith(b"\x89PNG")
            assert len(data) < MAX_BYTES, name
            shown.add(ROOT / name)
    assert shown == set((ROOT / "docs" / "pictures").iterdir())
