"""Pairs of submissions that are alike, for people to look at; never a score.

Winnowing (Schleimer, Wilkerson and Aiken, 2003) over the tokens of code and the words of written answers.
What the stubs hold is taken away, and a passage weighs the more the fewer submissions have it: in short
exercises most of what is alike is what everybody writes.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from pathlib import Path

from autograder.errors import reason
from autograder.lab import Lab
from autograder.submission import Submission, SubmissionError, distinct, find_handed_in, open_submission
from autograder.text import cut

GRAM, WINDOW = 12, 4
"""Tokens in a fingerprint, and fingerprints of which one is kept: 15 alike tokens in a row never escape."""
LEAST = 8
"""Fewest fingerprints that a pair must share."""
SHARE = 0.5
"""Least share of the smaller one's own fingerprints, by weight."""
MOST_PAIRS, MOST_PASSAGES, MOST_LINES = 60, 6, 40
MAX_TEXT = 64_000
COMMON = 0.5
"""What more than this part of a class of ten or more has says nothing about two of them."""

SKIPPED = frozenset("(),")
"""Tokens that a copy can gain or lose without a change in what it does."""

Token = tuple[str, int]
"""What counts of a token, and its line."""


@dataclass(frozen=True)
class Excerpt:
    """Lines of one file: `place` names file and lines."""

    place: str
    text: str


@dataclass(frozen=True)
class Passage:
    """Two excerpts that are alike."""

    first: Excerpt
    second: Excerpt


@dataclass(frozen=True)
class Pair:
    """Two submissions, or one and a known answer. `share` is of the smaller one's own work, in [0, 1]."""

    first: str
    second: str
    known: bool
    share: float
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Alikeness:
    """Which pairs stand out, the most alike first; `more` did not fit in.

    `problems` are of submissions that cannot be read, `faults` of those where something unforeseen happened.
    """

    compared: int
    known: int
    pairs: tuple[Pair, ...]
    more: int
    problems: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass
class Document:
    """What one person wrote: texts by file name, and where each fingerprint was found."""

    name: str
    texts: dict[str, str]
    found: dict[int, tuple[str, int, int]] = field(default_factory=dict)


def compare(
    submissions: Mapping[str, Mapping[str, str]],
    known: Mapping[str, Mapping[str, str]],
    stub: Mapping[str, str],
    problems: Iterable[str] = (),
) -> Alikeness:
    """Compare texts, by submission and file name, with each other and with known ones.

    Files that end in .py are read as Python, all else as words. The same input gives the same list.
    """
    ours = {h for name, text in stub.items() for h, *_ in _fingerprints(name, text.replace("\r", "\n"))}
    read = partial(_document, ours=ours)
    faults: list[str] = []
    everybody = []
    for name, texts in sorted(submissions.items()):
        try:
            everybody.append(read(name, texts))
        except Exception as error:
            faults.append(f"{name}: {type(error).__name__}: {cut(str(error), 200)}")
    others = [read(name, texts) for name, texts in sorted(known.items())]
    pairs = sorted(_pairs(everybody, others), key=lambda pair: (-pair.share, pair.first, pair.second))
    more = max(len(pairs) - MOST_PAIRS, 0)
    return Alikeness(
        len(everybody), len(others), tuple(pairs[:MOST_PAIRS]), more, tuple(problems), tuple(faults)
    )


def _document(name: str, texts: Mapping[str, str], ours: set[int]) -> Document:
    document = Document(name, {file: text[:MAX_TEXT].replace("\r", "\n") for file, text in texts.items()})
    for file, text in sorted(document.texts.items()):
        for fingerprint, first, last in _fingerprints(file, text):
            if fingerprint not in ours:
                document.found.setdefault(fingerprint, (file, first, last))
    return document


def _pairs(everybody: Sequence[Document], others: Sequence[Document]) -> Iterator[Pair]:
    holders: dict[int, list[int]] = {}
    for n, document in enumerate(everybody):
        for fingerprint in document.found:
            holders.setdefault(fingerprint, []).append(n)
    count = len(everybody)
    weights = {
        fingerprint: math.log((count + 1) / len(who))
        for fingerprint, who in holders.items()
        if count < 10 or len(who) <= COMMON * count
    }
    yield from _between(everybody, holders, weights)
    for document in everybody:
        for other in others:
            shared = [h for h in document.found if h in other.found and h in weights]
            if pair := _pair(document, other, shared, weights, known=True):
                yield pair


def _between(
    everybody: Sequence[Document], holders: Mapping[int, list[int]], weights: Mapping[int, float]
) -> Iterator[Pair]:
    shared: dict[tuple[int, int], list[int]] = {}
    for fingerprint in weights:
        for two in combinations(holders[fingerprint], 2):
            shared.setdefault(two, []).append(fingerprint)
    for (first, second), fingerprints in shared.items():
        if pair := _pair(everybody[first], everybody[second], fingerprints, weights):
            yield pair


def _pair(
    first: Document,
    second: Document,
    shared: Sequence[int],
    weights: Mapping[int, float],
    known: bool = False,
) -> Pair | None:
    """The pair, when it stands out. A known answer may hold much else: the submission's own part counts."""
    if len(shared) < LEAST:
        return None
    own = [sum(weights.get(h, 0.0) for h in document.found) for document in (first, second)]
    share = sum(weights[h] for h in shared) / (own[0] if known else min(own))
    if share < SHARE:
        return None
    return Pair(first.name, second.name, known, min(share, 1.0), tuple(_passages(first, second, shared)))


def _passages(first: Document, second: Document, shared: Iterable[int]) -> Iterator[Passage]:
    """Where the two are alike, by files, those with the most in common first."""
    spans: dict[tuple[str, str], list[tuple[int, int, int, int]]] = {}
    for fingerprint in shared:
        file, start, end = first.found[fingerprint]
        other, other_start, other_end = second.found[fingerprint]
        spans.setdefault((file, other), []).append((start, end, other_start, other_end))
    for (file, other), places in sorted(spans.items(), key=lambda item: -len(item[1]))[:MOST_PASSAGES]:
        lines = {line for start, end, *_ in places for line in range(start, end + 1)}
        others = {line for *_, start, end in places for line in range(start, end + 1)}
        yield Passage(_excerpt(first, file, lines), _excerpt(second, other, others))


def _excerpt(document: Document, file: str, lines: set[int]) -> Excerpt:
    """The lines given, with a mark where some between are left out."""
    text = document.texts[file].split("\n")
    shown: list[str] = []
    before = min(lines) - 1
    for line in sorted(lines)[:MOST_LINES]:
        if line > before + 1:
            shown.append("⋮")
        shown.append(text[line - 1])
        before = line
    if len(lines) > MOST_LINES:
        shown.append("⋮")
    return Excerpt(f"{file}, lines {min(lines)} to {max(lines)}", "\n".join(shown))


# ---- fingerprints ------------------------------------------------------------------------------------


def _fingerprints(file: str, text: str) -> Iterator[tuple[int, int, int]]:
    """Of each window the smallest hash of some tokens in a row, with the lines it spans."""
    tokens = list(_code(text) if file.endswith(".py") else _words(text))
    hashes = [_hash(tokens[n : n + GRAM]) for n in range(len(tokens) - GRAM + 1)]
    last = -1
    for start in range(max(len(hashes) - WINDOW + 1, min(len(hashes), 1))):
        window = range(start, min(start + WINDOW, len(hashes)))
        smallest = min(window, key=lambda n: (hashes[n], -n))
        if smallest != last:
            last = smallest
            yield hashes[smallest], tokens[smallest][1], tokens[smallest + GRAM - 1][1]


def _hash(tokens: Sequence[Token]) -> int:
    text = "\0".join(token for token, _ in tokens).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def _code(text: str) -> Iterator[Token]:
    """Python's tokens without comments, layout, brackets and commas. All names but attributes' are one."""
    from pygments.lexers import PythonLexer
    from pygments.token import Comment, Name, String

    line, before = 1, ""
    for _, kind, value in PythonLexer().get_tokens_unprocessed(text):
        kept = value.strip()
        if kept and kept not in SKIPPED and kind not in Comment and kind not in String.Doc:
            token = "s" if kind in String else "v" if kind is Name and before != "." else kept
            if not (token == "s" and before == "s"):
                yield token, line
            before = token
        line += value.count("\n")


def _words(text: str) -> Iterator[Token]:
    for number, line in enumerate(text.split("\n"), start=1):
        for word in re.findall(r"\w+|[^\w\s]", line.casefold()):
            yield word, number


# ---- what is compared --------------------------------------------------------------------------------


def look(folder: Path, known: Path | None, lab: Lab) -> Alikeness:
    """Compare the submissions in a folder. SubmissionError when there is none or the stubs are missing."""
    stub = texts_of(open_submission(lab.student, lab))
    submissions: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    faults: list[str] = []
    handed_in = find_handed_in(folder, lab)
    for name, handed in zip(distinct(one.id for one in handed_in), handed_in, strict=True):
        try:
            submissions[name] = texts_of(handed.open(lab))
        except SubmissionError as error:
            problems.append(f"not compared: {error}")
        except Exception as error:
            faults.append(f"{name}: {type(error).__name__}: {cut(str(error), 200)}")
    found = compare(submissions, _known(known, lab, problems), stub, problems)
    return replace(found, faults=(*faults, *found.faults))


def texts_of(submission: Submission) -> dict[str, str]:
    """A submission's modules and written answers, by file name or question."""
    code = {f"{name}.py": text for name, text in submission.sources.items()}
    return {**code, **{name: text for name, text in submission.answers.items() if text.strip()}}


def _known(folder: Path | None, lab: Lab, problems: list[str]) -> dict[str, dict[str, str]]:
    """Known answers: submissions (folders, zips) and single .py, .md and .txt files of one folder."""
    if folder is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        files = {entry.name: entry for entry in entries if entry.suffix in (".py", ".md", ".txt")}
        for name, path in files.items():
            found[name] = {name: path.read_text(encoding="utf-8", errors="replace")}
    except OSError as error:
        raise SubmissionError(f"{folder}: {reason(error)}") from None
    for path in entries:
        if path.is_dir() or path.suffix == ".zip":
            try:
                found[path.name] = texts_of(open_submission(path, lab))
            except SubmissionError as error:
                problems.append(f"known answer not compared: {error}")
    return found
