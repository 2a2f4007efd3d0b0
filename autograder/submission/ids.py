"""The ids under which results go: each depends on its own hand-in, and stays when others hand in later."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from autograder.submission.exports import Handed
from autograder.submission.opening import distinct, folded

LENGTH = 6


def ids(found: Sequence[Handed], reserved: Iterable[str], held: Callable[[str], str]) -> list[str]:
    """An id for each hand-in: the one that it asks for, where no other does.

    Where several ask for one, such as `ann.zip` and a folder `ann`, a short ending is added to each, which
    depends on its own folder and name. Which of them already has results under the plain id keeps that.

    Args:
        found: the hand-ins.
        reserved: ids that none may have.
        held: says from where the results came that are there under an id, as `Handed.place` has it; "" where
            there are none, or that is not known.
    """
    asked = Counter(folded(one.id) for one in found)
    near = Counter((folded(one.id), _near(one.place)) for one in found)
    keeps = {name: held(name) for name in {one.id for one in found if asked[folded(one.id)] > 1}}
    wishes = []
    for one in found:
        place = _near(one.place) if near[folded(one.id), _near(one.place)] == 1 else one.place
        alone = asked[folded(one.id)] == 1 or keeps[one.id] in (one.place, place)
        wishes.append(one.id if alone else f"{one.id}~{_ending(place)}")
    return distinct(wishes, reserved)


def _near(place: str) -> str:
    """A place without the folder above its folder, which is needed only where two are the same but for it."""
    return "/".join(place.split("/")[-2:])


def _ending(place: str) -> str:
    return hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:LENGTH]
