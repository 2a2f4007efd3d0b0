"""Run every attack under every set of layers, and print how many were contained.

    python tests/attacks/count.py [SET ...]

The sets are `all`, `container` (no namespaces), `no-landlock`, `chroot`, `accelerator` (all layers, the
wider profile of a child that may use a GPU; without what takes memory) and `user` (all layers, the grader an
ordinary user; this needs root), and `lab` (whole submissions, graded in one batch). The status is 1 if an
attack was not contained.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS / "sandbox")]

import ordinary_user  # noqa: E402
import pytest  # noqa: E402
from attack_harness import Attack, Canaries, attacks, contained, planted  # noqa: E402
from lab_harness import grading, lab_attacks, lab_contained  # noqa: E402
from sandbox_harness import SETS, started  # noqa: E402

from autograder.sandbox import Zygote  # noqa: E402

ROW = "{:<16}{:>8}{:>11}{:>8}"


def main(names: list[str]) -> int:
    """Print the table; the exit status."""
    usual = [*SETS, "lab", *(["user"] if os.getuid() == 0 else [])]
    print(ROW.format("layers", "attacks", "contained", "missed"), flush=True)
    missed = []
    with planted() as canaries:
        for name in names or usual:
            missed += OTHERS[name](canaries) if name in OTHERS else run(name, canaries)
    return 1 if missed else 0


def run(layers: str, canaries: Canaries) -> list[str]:
    """Run all attacks under one set of layers and print its line; why each of those missed was."""
    try:
        zygote = started(layers)
    except pytest.skip.Exception as skipped:
        print(f"{layers:<16}{skipped}", flush=True)
        return []
    chosen = attacks(layers)
    with zygote:
        missed = [why for attack in chosen if (why := tried(zygote, attack, canaries, layers))]
    who = layers if os.getuid() == 0 else f"{layers}, as a user"
    print(ROW.format(who, len(chosen), len(chosen) - len(missed), len(missed)), *missed, sep="\n", flush=True)
    return missed


def tried(zygote: Zygote, attack: Attack, canaries: Canaries, layers: str) -> str:
    """Why an attack was not contained; empty if it was."""
    try:
        contained(zygote, attack, canaries, layers)
    except AssertionError as error:
        return f"    {attack.group}/{attack.name}: {error}"
    return ""


def lab(canaries: Canaries) -> list[str]:
    """Grade all hostile submissions and print their line."""
    chosen, missed = lab_attacks(), []
    with tempfile.TemporaryDirectory(prefix="convlab-") as folder, grading() as grader:
        for attack in chosen:
            try:
                lab_contained(grader, attack, canaries, Path(folder))
            except AssertionError as error:
                missed.append(f"    {attack.name}: {error}")
    print(
        ROW.format("lab", len(chosen), len(chosen) - len(missed), len(missed)), *missed, sep="\n", flush=True
    )
    return missed


def as_user(canaries: Canaries) -> list[str]:
    """Run all attacks with a grader that is an ordinary user, who has to be able to read this checkout."""
    done = ordinary_user.run(Path(__file__), "all")
    lines = done.stdout.splitlines()[1:]
    print(*(lines or [f"user: did not run: {done.stderr[-1000:]}"]), sep="\n", flush=True)
    return ["user"] if done.returncode else []


OTHERS: dict[str, Callable[[Canaries], list[str]]] = {"lab": lab, "user": as_user}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
