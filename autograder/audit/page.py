"""An audit as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.audit.table import Audit, CheckRow, QuestionRow


def page(audit: Audit) -> str:
    """The page: the counts, the tables per question and per check, what has no name, what came out wrong."""
    return (
        "\n".join(
            [*_head(audit), *_questions(audit), *_checks(audit.checks), *_unnamed(audit), *_failures(audit)]
        )
        + "\n"
    )


def summary(audit: Audit) -> str:
    """The counts in a few lines."""
    lost = audit.total("wheats") - audit.total("wheats_passed")
    accepted = audit.total("chaffs") - audit.total("chaffs_caught")
    killed, mutants = audit.total("mutants_killed"), audit.total("mutants")
    watched = [row for row in audit.questions if row.question in audit.watched]
    named, chaffs = sum(row.named for row in watched), sum(row.chaffs for row in watched)
    hurt = sum("cost points in" in failure.problem for failure in audit.failures)
    lines = [
        f"{lost} of {audit.total('wheats')} wheats lost, "
        f"{accepted} of {audit.total('chaffs')} chaffs accepted, "
        f"{killed} of {mutants} mutants killed ({audit.total('equivalent')} more are equivalent), "
        f"each under {audit.seeds} seeds.",
        f"Known mistakes named: {named} of {chaffs} chaffs of {', '.join(audit.watched) or 'no question'}, "
        f"{audit.total('misnamed')} cases misdiagnosed.",
        f"Pairs of questions graded together, one wrong, the other right: {audit.pairs}, "
        f"{hurt} cases cost points in both.",
    ]
    return "\n".join(lines)


def _head(audit: Audit) -> list[str]:
    text = "Wheats are right solutions and must pass; chaffs and mutants are wrong ones and must not."
    return ["# How good the grader is", "", text, "", summary(audit), ""]


def _questions(audit: Audit) -> list[str]:
    head = ("question", "wheats passed", "chaffs caught", "mutants killed", "equivalent", "named", "misnamed")
    return ["## Per question", "", *_table(head, [_question(row) for row in audit.questions]), ""]


def _question(row: QuestionRow) -> list[str]:
    return [
        row.question,
        f"{row.wheats_passed}/{row.wheats}",
        f"{row.chaffs_caught}/{row.chaffs}",
        f"{row.mutants_killed}/{row.mutants}",
        str(row.equivalent),
        f"{row.named}/{row.chaffs}",
        str(row.misnamed),
    ]


def _checks(rows: Sequence[CheckRow]) -> list[str]:
    head = ("check", "visibility", "caught", "alone", "ms")
    lines = [
        [
            f"{row.question}/{row.name}",
            "hidden" if row.hidden else "public",
            str(row.caught),
            str(row.alone),
            f"{1000 * row.seconds:.0f}",
        ]
        for row in rows
    ]
    note = "`alone`: chaffs and mutants that no other check of the question catches under every seed."
    return ["## Per check", "", note, "", *_table(head, lines), ""]


def _failures(audit: Audit) -> Iterator[str]:
    yield "## Failures"
    yield ""
    if not audit.failures:
        yield "Nothing."
    for failure in audit.failures:
        problem = " ".join(failure.problem.split())
        yield f"- {failure.case} ({failure.about}): {problem}"


def _unnamed(audit: Audit) -> list[str]:
    listed = [f"- {case}" for case in audit.unnamed] or ["None."]
    return ["## Chaffs not named by any message", "", *listed, ""]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return ["| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)]
