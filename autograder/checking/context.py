"""What a grading run tells the hidden checks: lab, reference, data, device, seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from autograder.checking.student import LocalStudent, StudentFailure
from autograder.lab import Lab
from autograder.values import Value


class Reference(LocalStudent):
    """The reference solution, answering the same probes; a failure of it is the grader's own."""

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe. RuntimeError when the reference fails."""
        try:
            return super().run(probe, **arguments)
        except StudentFailure as failure:
            raise RuntimeError(f"the reference failed in {probe}: {failure}") from None


@dataclass(frozen=True)
class Context:
    """One grading run. `data` is the folder of the full data set, None for the bundled sample."""

    lab: Lab
    device: str
    data: Path | None
    seed: int

    @classmethod
    def default(cls, lab: Lab) -> Context:
        """The bundled sample on the CPU, seed 0."""
        return cls(lab, "cpu", None, 0)

    @cached_property
    def reference(self) -> Reference:
        """The reference solution."""
        return Reference(self.lab.reference(), self.lab.probes)


CONTEXT_KEY = pytest.StashKey[Context]()
"""Where a grading run leaves its context in pytest's config."""
