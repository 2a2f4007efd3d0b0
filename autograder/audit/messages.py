"""Writes docs/messages.md: what students read after typical mistakes, from a real run.

python -m autograder.audit.messages > docs/messages.md
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.audit.cases import Case, load_cases
from autograder.audit.running import Bench
from autograder.grade import CheckResult, Verdict
from autograder.lab import load_lab

HEAD = """\
# What students read

Typical mistakes, and what the checks said about each in a real run with seed 0 (this page is written by
`python -m autograder.audit.messages > docs/messages.md`). A public check shows the call, what came back and
what was expected. A hidden check names the kind of input and a hint, never the input itself. Where the
outcome is just that of a known mistake, both name it.
"""


def document() -> str:
    """The page. LookupError when a typical mistake is not among the chaffs."""
    lab = load_lab()
    cases = {f"{c.function}/{c.slug}": c for c in load_cases(lab, with_mutants=False) if not c.right}
    if missing := [name for name in lab.audit.typical if name not in cases]:
        raise LookupError(f"there is no chaff {missing[0]}")
    bench = Bench(lab)
    try:
        parts = [_part(cases[name], bench) for name in lab.audit.typical]
    finally:
        bench.close()
    return "\n".join([HEAD, *parts])


def _part(case: Case, bench: Bench) -> str:
    question = bench.run(case, 1).runs[0].question
    wrong = [check for check in question.checks if check.verdict is not Verdict.PASSED]
    return "\n".join([f"## {case.function}: {case.about}", "", *_lines(wrong), ""]).rstrip() + "\n"


def _lines(wrong: list[CheckResult]) -> Iterator[str]:
    """The first public check that names the mistake, or that fails, and the first hidden one."""
    for kind in ("visible", ""):
        found = [check for check in wrong if (check.visibility == "visible") == bool(kind)]
        for check in sorted(found, key=lambda check: not check.misconception)[:1]:
            yield f"{'Public' if kind else 'Hidden'} check, *{check.verdict}*:"
            yield ""
            yield from ("    " + line for line in check.message.splitlines())
            yield ""


if __name__ == "__main__":
    print(document(), end="")
