"""Writes docs/messages.md: what students read after ten typical mistakes, from a real run.

python -m autograder.audit.messages > docs/messages.md
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.lab import load_lab
from autograder.audit.cases import Case, load_cases
from autograder.audit.running import Bench
from autograder.grade import CheckResult, Verdict

TYPICAL = (
    "apply_convolution/kernel_turned",
    "apply_convolution/square_kernel_assumed",
    "apply_convolution/float32_result",
    "compute_convolution_at_position/positions_counted_from_zero",
    "conv_gradient_wrt_input/kernel_not_turned",
    "conv_gradient_wrt_input/overlap_overwritten",
    "gradient_ascent/caller_image_changed",
    "gradient_ascent/factor_two_missing",
    "train_one_epoch/gradients_never_cleared",
    "evaluate/loss_mean_over_batches",
)
HEAD = """\
# What students read

Ten typical mistakes, and what the checks said to each in a real run with seed 0 (this page is written by
`python -m autograder.audit.messages > docs/messages.md`). A public check shows the call, what came back and
what was expected. A hidden check names the kind of input and a hint, never the input itself. Where the
outcome is just that of a known mistake, both name it.
"""


def document() -> str:
    """The page. LookupError when a typical mistake is not among the chaffs."""
    lab = load_lab()
    cases = {f"{c.function}/{c.slug}": c for c in load_cases(lab, with_mutants=False) if not c.right}
    if missing := [name for name in TYPICAL if name not in cases]:
        raise LookupError(f"there is no chaff {missing[0]}")
    bench = Bench(lab)
    try:
        parts = [_part(cases[name], bench) for name in TYPICAL]
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
