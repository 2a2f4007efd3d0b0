"""Pairs of submissions that are alike, for people to look at; never a score.

Winnowing (Schleimer, Wilkerson and Aiken, 2003) over the tokens of code and the words of written answers.
What the stubs hold is taken away, and a passage weighs the more the fewer submissions have it: in short
exercises most of what is alike is what everybody writes.
"""

from __future__ import annotations

import builtins
import hashlib
import keyword
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from autograder.errors import reason
from autograder.gradebook import are_results
from autograder.gradebook.handed_in import place_of
from autograder.gradebook.names import RESERVED
from autograder.lab import Lab
from autograder.submission import (
    Submission,
    SubmissionError,
    find_handed_in,
    ids,
    open_submission,
    without_results,
)
from autograder.text import cut

GRAM, WINDOW = 12, 4
"""Tokens in a fingerprint, and fingerprints of which one is kept: 15 alike tokens in a row never escape."""
LEAST = 8
"""Fewest fingerprints that a pair must share."""
SHARE = 0.5
"""Least share of the smaller one's own fingerprints, by weight."""
MOST_PAIRS, MOST_PASSAGES, MOST_LINES = 60, 6, 40
MAX_TOKENS = 30_000
"""Tokens of a text that are compared; comments are none, so that nobody pushes a copy out with one."""
COLUMNS = 8192
"""So many fingerprints are compared at a time."""
COMMON = 0.5
"""What more than this part of a class of ten or more has says nothing about two of them."""

SKIPPED = frozenset("(),")
"""Tokens that a copy can gain or lose without a change in what it does."""

Token = tuple[str, int]
"""What counts of a token, and its line."""


@dataclass(frozen=True)
class Line:
    """One line of an excerpt; `number` is 0 where some are left out. `shared` is what is alike."""

    number: int
    text: str
    shared: bool = False


@dataclass(frozen=True)
class Excerpt:
    """Lines of one file: `place` names file and lines."""

    place: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines as they are in the file."""
        return "\n".join(line.text for line in self.lines)


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

    `problems` are of submissions that cannot be read or only in part, `faults` of those where something
    unforeseen happened. `names` are those that were compared.
    """

    compared: int
    known: int
    pairs: tuple[Pair, ...]
    more: int
    problems: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass
class Document:
    """What one person wrote: texts by file name, and where each fingerprint was found.

    `long` are the texts of which only the beginning was compared.
    """

    name: str
    texts: dict[str, str]
    found: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    long: list[str] = field(default_factory=list)


def compare(
    submissions: Mapping[str, Mapping[str, str]],
    known: Mapping[str, Mapping[str, str]],
    stub: Mapping[str, str],
    problems: Iterable[str] = (),
) -> Alikeness:
    """Compare texts, by submission and file name, with each other and with known ones.

    Files that end in .py are read as Python, all else as words. The same input gives the same list.
    """
    ours = {
        h for name, text in stub.items() for h, *_ in _fingerprints(_tokens(name, text.replace("\r", "\n")))
    }
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
    names = tuple(document.name for document in everybody)
    cuts = [
        f"compared in part: {document.name}: of {file} the first {MAX_TOKENS:,} words and signs"
        for document in [*everybody, *others]
        for file in document.long
    ]
    told = (*problems, *cuts)
    return Alikeness(len(everybody), len(others), tuple(pairs[:MOST_PAIRS]), more, told, tuple(faults), names)


def _document(name: str, texts: Mapping[str, str], ours: set[int]) -> Document:
    document = Document(name, {file: text.replace("\r", "\n") for file, text in texts.items()})
    for file, text in sorted(document.texts.items()):
        tokens = _tokens(file, text)
        if len(tokens) > MAX_TOKENS:
            document.long.append(file)
        for fingerprint, first, last in _fingerprints(tokens[:MAX_TOKENS]):
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
    """The pairs of a class. Which could stand out is told by one product of matrices, not pair by pair."""
    count = len(everybody)
    rare = [fingerprint for fingerprint in weights if len(holders[fingerprint]) > 1]
    common = np.zeros((count, count))
    alike = np.zeros((count, count))
    for start in range(0, len(rare), COLUMNS):
        chosen = rare[start : start + COLUMNS]
        has = np.zeros((count, len(chosen)), dtype=np.float32)
        for column, fingerprint in enumerate(chosen):
            has[holders[fingerprint], column] = 1
        common += has @ has.T
        alike += (has * np.array([weights[h] for h in chosen], dtype=np.float32)) @ has.T
    own = np.array([sum(weights.get(h, 0.0) for h in document.found) for document in everybody])
    least = np.minimum.outer(own, own) * (SHARE - 0.01)
    for first, second in np.argwhere(np.triu((common >= LEAST) & (alike >= least), 1)).tolist():
        one, other = everybody[first], everybody[second]
        shared = [h for h in one.found if h in other.found and h in weights]
        if pair := _pair(one, other, shared, weights):
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
    """The lines given and one around them, with a mark where some between are left out."""
    text = document.texts[file].split("\n")
    around = {near for line in sorted(lines)[:MOST_LINES] for near in (line - 1, line, line + 1)}
    wanted = sorted(line for line in around if 1 <= line <= len(text))
    shown: list[Line] = []
    for before, line in zip([wanted[0] - 1, *wanted], wanted, strict=False):
        if line > before + 1:
            shown.append(Line(0, "⋮"))
        shown.append(Line(line, text[line - 1], line in lines))
    if len(lines) > MOST_LINES:
        shown.append(Line(0, "⋮"))
    return Excerpt(f"{file}, lines {min(lines)} to {max(lines)}", tuple(shown))


# ---- fingerprints ------------------------------------------------------------------------------------


def _tokens(file: str, text: str) -> list[Token]:
    """A text's tokens, as many as are compared, and one more where there are more."""
    return list(islice(_code(text) if file.endswith(".py") else _words(text), MAX_TOKENS + 1))


def _fingerprints(tokens: Sequence[Token]) -> Iterator[tuple[int, int, int]]:
    """Of each window the smallest hash of some tokens in a row, with the lines it spans."""
    hashes = list(_hashes([token for token, _ in tokens]))
    last = -1
    for start in range(max(len(hashes) - WINDOW + 1, min(len(hashes), 1))):
        window = hashes[start : start + WINDOW]
        smallest = start + len(window) - 1 - window[::-1].index(min(window))
        if smallest != last:
            last = smallest
            yield hashes[smallest], tokens[smallest][1], tokens[smallest + GRAM - 1][1]


def _hashes(tokens: Sequence[str]) -> Iterator[int]:
    """A hash of each `GRAM` tokens in a row, from that of the one before (Rabin and Karp)."""
    known: dict[str, int] = {}
    numbers = [known.get(token) or known.setdefault(token, _number(token)) for token in tokens]
    value = 0
    for n, number in enumerate(numbers):
        value = (value * BASE + number) % PRIME
        if n >= GRAM:
            value = (value - numbers[n - GRAM] * LEAVING) % PRIME
        if n >= GRAM - 1:
            yield value * MIX % PRIME


def _number(token: str) -> int:
    digest = hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=7).digest()
    return int.from_bytes(digest, "big") or 1


PRIME = (1 << 61) - 1
BASE, MIX = 911_382_323_171, 1_374_512_965_217_431
LEAVING = pow(BASE, GRAM, PRIME)
PARTS = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>(?i:[rbfut]{0,2})(?:\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|\'\'\'(?:[^\\]|\\.)*?(?:\'\'\'|\Z)
        |"(?:[^"\\\n]|\\.)*(?:"|$)|'(?:[^'\\\n]|\\.)*(?:'|$)))
    |(?P<name>[^\W\d]\w*)
    |(?P<number>(?:\d|\.\d)(?:[eE][+-]|[\w.])*)
    |(?P<sign>\*\*=?|//=?|>>=?|<<=?|->|:=|[-+*/%@&|^=!<>]=|[^\s\w])
    |(?P<end>\n)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
"""The parts of Python text, whether it can be compiled or not."""
KEPT = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self"})
"""Names that stay as they are; any other but an attribute's can be chosen freely."""
NAMING = frozenset({"def", "class", "import", "from"})


def _code(text: str) -> Iterator[Token]:
    """Python's tokens without comments, layout, brackets and commas. All names but attributes' are one."""
    line, before, fresh = 1, "", True
    for part in PARTS.finditer(text):
        kind, value = part.lastgroup, part[0]
        if kind == "end":
            line, fresh = line + 1, True
            continue
        doc = kind == "string" and fresh and value.lstrip("rRuUbBfFtT")[:3] in ('"""', "'''")
        if kind != "comment" and not doc and value not in SKIPPED:
            token = "s" if kind == "string" else value
            if kind == "name" and value not in KEPT and before != "." and before not in NAMING:
                token = "v"
            if not (token == "s" and before == "s"):
                yield token, line
            before = token
        fresh = False
        line += value.count("\n")


def _words(text: str) -> Iterator[Token]:
    for number, line in enumerate(text.split("\n"), start=1):
        for word in re.findall(r"\w+|[^\w\s]", line.casefold()):
            yield word, number


# ---- what is compared --------------------------------------------------------------------------------


def look(folder: Path, known: Path | None, lab: Lab, results: Path | None = None) -> Alikeness:
    """Compare the submissions in a folder. SubmissionError when there is none or the stubs are missing.

    Args:
        folder: the submissions, or a download.
        known: answers to compare with as well.
        lab: what was to be handed in.
        results: where their grades are, under whose ids they are named.
    """
    stub = texts_of(open_submission(lab.student, lab))
    submissions: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    faults: list[str] = []
    handed_in = without_results(find_handed_in(folder, lab), folder, lab, are_results)
    names = ids(handed_in, RESERVED, lambda name: place_of(results, name) if results is not None else "")
    for name, handed in zip(names, handed_in, strict=True):
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
