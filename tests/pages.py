"""Reads pages as a browser does, and as one who looks for what must not be in them."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "use", "path"}


class Elements(HTMLParser):
    """Every element of a page with its attributes, and whether they are nested right."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def assert_harmless(text: str, own_script: str = "") -> None:
    """Well-formed, no script but our own, nothing fetched or led to, no handler of an event."""
    if own_script:
        digest = base64.b64encode(hashlib.sha256(own_script.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}';" in text
        assert text.count(f"<script>{own_script}</script>") == 1
        text = text.replace(f"<script>{own_script}</script>", "")
    page = Elements(text)
    assert not page.wrong
    assert not page.open
    for tag, attributes in page.found:
        assert tag not in {"script", "img", "iframe", "object", "embed", "form", "base", "video"}, tag
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("href", "src", "xlink:href", "action"):
                assert re.match(r"(#|data:,$|[^:/]+/feedback\.html$)", value or ""), (tag, value)


def text_of(page: str) -> str:
    return " ".join("".join(Elements(page).words).split())
