"""Pictures in a written answer: pasted into the notebook, or files beside it.

A text may be hostile: no pattern here goes on past where the next match could begin.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import struct
from collections.abc import Callable, Mapping
from urllib.parse import unquote

MAX_PICTURE = 4 << 20
"""Bytes of a picture: a photo from a telephone, after Jupyter took it in."""
MAX_SIDE = 12_000
BEGINS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF87a": "gif", b"GIF89a": "gif"}

_DATA = r"data:image/[a-z+.-]{1,20};base64,[A-Za-z0-9+/=\s]{8,}+"
_PLACE = r"(?:[^()\s>]|\([^()\s>]{0,200}\)){1,2000}"
_MARKDOWN = re.compile(rf"(!\[[^\[\]\n]{{0,500}}\]\(\s*)(?:<({_DATA}|[^>\n]{{1,2000}})>|({_DATA}|{_PLACE}))")
_LINK = re.compile(rf"(?<![!\w])\[[^\[\]\n]{{1,500}}\]\(\s*(?:<([^>\n]{{1,2000}})>|({_PLACE}))")
_HTML = re.compile(
    rf"<img\b[^<>]{{0,500}}?\bsrc\s*=\s*(?:\"({_DATA}|[^\"<>]{{1,2000}}+)\"|'({_DATA}|[^'<>]{{1,2000}}+)'"
    rf"|([^\"'\s<>]{{1,2000}}+))[^<>]{{0,500}}>",
    re.IGNORECASE,
)
_DEFINED = re.compile(
    r"^( {0,3}\[([^\]\n]{1,200})\]:\s*)(?:<([^>\n]{1,2000})>|([^\s>]{1,2000}))", re.MULTILINE
)
_REFERRED = re.compile(r"!\[([^\[\]\n]{0,200})\](?:\[([^\[\]\n]{0,200})\])?")
_WORDS = re.compile(r"\balt\s*=\s*(?:\"([^\"]{0,200})\"|'([^']{0,200})')", re.IGNORECASE)


def pictures_in(text: str) -> list[str]:
    """The addresses of the pictures that a Markdown text shows, as they are in the text, in their order."""
    found: list[tuple[int, str]] = []
    for match in _MARKDOWN.finditer(text):
        found.append((match.start(), match[2] or match[3]))
    for match in _HTML.finditer(text):
        found.append((match.start(), html.unescape(match[1] or match[2] or match[3])))
    for match in _defined(text):
        found.append((match.start(), match[3] or match[4]))
    return [address for _, address in sorted(found)]


def links_in(text: str) -> list[str]:
    """The addresses that a Markdown text links to, as they are in the text, in their order."""
    return [match[1] or match[2] for match in _LINK.finditer(text)]


def with_addresses(text: str, new: Callable[[str], str | None]) -> str:
    """A Markdown text in which pictures have new addresses, those for which there is one.

    HTML's `<img>` becomes Markdown's picture: the pages that show answers take HTML for text.
    """

    def in_markdown(match: re.Match[str]) -> str:
        address = new(match[2] or match[3])
        return match[0] if address is None else f"{match[1]}{address}"

    def in_html(match: re.Match[str]) -> str:
        address = new(html.unescape(match[1] or match[2] or match[3]))
        words = next(
            (words for each in [_WORDS.search(match[0])] if each for words in each.groups() if words), ""
        )
        plain = re.sub(r"[\[\]\\\s]+", " ", html.unescape(words)).strip()
        return match[0] if address is None else f"![{plain}]({address})"

    places = {match.start() for match in _defined(text)}
    text = _DEFINED.sub(
        lambda match: (
            f"{match[1]}{address}"
            if match.start() in places and (address := new(match[3] or match[4])) is not None
            else match[0]
        ),
        text,
    )
    return _HTML.sub(in_html, _MARKDOWN.sub(in_markdown, text))


def _defined(text: str) -> list[re.Match[str]]:
    """The definitions (`[p]: photo.png`) of what is referred to as a picture (`![words][p]`)."""
    if "]:" not in text:
        return []
    referred = {_label(match[2] or match[1]) for match in _REFERRED.finditer(text)}
    return [match for match in _DEFINED.finditer(text) if _label(match[2]) in referred]


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def file_of(address: str) -> str | None:
    """The file beside the notebook that an address names; None for any other address."""
    return None if re.match(r"(?i)[a-z][a-z0-9+.-]{1,20}:", address) else unquote(address)


def pasted(address: str, cell: Mapping[str, object]) -> bytes | None:
    """What a picture holds that was pasted into a cell or its text; None where that cannot be had."""
    if address.startswith("data:"):
        return _decoded(address.partition(",")[2])
    name = address.removeprefix("attachment:")
    attached = _attachments(cell)
    return _decoded(attached.get(name) or attached.get(unquote(name)) or "")


def _attachments(cell: Mapping[str, object]) -> dict[str, str]:
    """A cell's attachments by name, whatever else is in its place."""
    try:
        listed: dict[str, dict[str, str]] = cell.get("attachments", {})  # type: ignore[assignment]
        pairs = [(name, data) for name, kinds in listed.items() for data in kinds.values()]
    except (AttributeError, TypeError):
        return {}
    texts = [(name, "".join(data) if _in_lines(data) else data) for name, data in pairs]
    return {name: text for name, text in texts if isinstance(name, str) and isinstance(text, str)}


def _in_lines(value: object) -> bool:
    """Whether this is a text as a notebook may hold it too: a list of its lines."""
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _decoded(data: str) -> bytes | None:
    if not data or len(data) > MAX_PICTURE * 4 // 3 + 10_000:
        return None
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def kind_of(raw: bytes) -> str | None:
    """A picture's kind by its first bytes; None for what is none, and for what is too large to be shown."""
    if len(raw) > MAX_PICTURE:
        return None
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "webp"
    kind = next((kind for begins, kind in BEGINS.items() if raw.startswith(begins)), None)
    if kind == "png" and (len(raw) < 24 or max(struct.unpack(">II", raw[16:24])) > MAX_SIDE):
        return None
    if kind == "gif" and (len(raw) < 10 or max(struct.unpack("<HH", raw[6:10])) > MAX_SIDE):
        return None
    return kind
