"""Which file is which, though a browser, an editor or a platform has changed its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from autograder.text import some

_ADDED = re.compile(r"(?:\(\d{1,12}\)|[\s_-]\d{1,3}|[\s_-](?:copy|kopie|copia|copie)(?:[\s_-]?\d{1,12})?)$")
_LONGEST = 20
"""Characters that `_ADDED` can match: it is looked for at the very end only, however long a name is."""
_BEFORE = re.compile(r"(?:copy of|kopie von|copia di|copia de|copie de)\s+")
_AFTER = (".txt", ".json", ".download")


def is_notebook(name: str) -> bool:
    """Whether a file is a notebook by its name."""
    return _ending(name.lower(), ".ipynb") is not None


def _ending(name: str, suffix: str) -> str | None:
    """The name without a suffix and without what was put behind that; None where it has not this suffix."""
    for after in ("", *_AFTER):
        if name.endswith(suffix + after):
            return name.removesuffix(after).removesuffix(suffix).removesuffix(suffix)
    return None


def is_copy(name: str, wanted: str) -> bool:
    """Whether a file is the wanted one under a name that no one chose: `Model.py`, `model (1).py`."""
    stem, dot, suffix = wanted.lower().rpartition(".")
    rest = _ending(name.lower(), dot + suffix)
    if rest is None:
        return False
    begin, end = 0, len(rest)
    while end - begin >= len(stem):
        if end - begin == len(stem):
            return rest.startswith(stem, begin)
        before = _BEFORE.match(rest, begin, end)
        begin = before.end() if before else begin
        added = _ADDED.search(rest, max(begin, end - _LONGEST), end)
        if added:
            end = added.start()
            while end > begin and (rest[end - 1] in "_-" or rest[end - 1].isspace()):
                end -= 1
        if not before and not added:
            return False
    return False


def meant(name: str, modules: Iterable[str]) -> str | None:
    """The module that a file may be meant to be: `Model.py`, `model (1).py` and `model_old.py` are."""
    for module in modules:
        if is_copy(name, f"{module}.py"):
            return module
    stem = name.lower()
    for module in modules:
        rest = stem.removeprefix(module)
        if rest != stem and not rest[:1].isalnum() and rest.removesuffix(".txt").endswith(".py"):
            return module
    return None


def only_reading(names: Collection[str], wanted: str) -> tuple[str | None, list[str]]:
    """The file that is the wanted one: by its exact name, or else the only copy; and the copies there are."""
    copies = sorted(name for name in names if name != wanted and is_copy(name, wanted))
    if wanted in names:
        return wanted, copies
    return (copies[0] if len(copies) == 1 else None), copies


def read_as(name: str, wanted: str) -> str:
    """What to say of a file that is read under another name than its own."""
    return f"{name} is read as {wanted}: rename it."


def which_one(names: Iterable[str], wanted: str) -> str:
    """What to say where more than one file may be meant."""
    return f"{wanted} is missing; which of {some(list(names))} is it? Rename that one to {wanted}."
