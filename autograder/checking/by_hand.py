"""Which calls do a question's work for the student, where the work is to be done by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ByHand:
    """What a lab watches in questions with `by_hand = true`: the `BY_HAND` of its module `by_hand`.

    `traced` are functions of torch by the names that a trace sees, `named` further names to look for in the
    text. `means` gives, for a name in the text or in a trace, the function behind it. `others` are functions
    of other questions: what these call is their own matter.
    """

    traced: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    means: Mapping[str, str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()

    @property
    def calls(self) -> frozenset[str]:
        """All names to look for in the text."""
        return self.traced | self.named

    def meaning(self, name: str) -> str:
        """The function behind a name."""
        return self.means.get(name, name)
