"""An audit as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.audit.running import SEEDS_OF_MADE
from autograder.audit.table import Audit, CheckRow, QuestionRow


def page(audit: Audit) -> str:
    """The page: the counts, the tables per question and per check, what has no name, what came out wrong."""
    return (
        "\n".join(
            [
                *_head(audit),
                *_questions(audit),
                *_checks(audit.checks),
                *_pitfalls(audit),
                *_losses(audit),
                *_unnamed(audit),
                *_failures(audit),
            ]
        )
        + "\n"
    )


def summary(audit: Audit) -> str:
    """The counts in a few lines."""
    lost = audit.total("wheats") - audit.total("wheats_passed")
    accepted = audit.total("chaffs") - audit.total("chaffs_caught")
    killed, mutants = audit.total("mutants_killed"), audit.total("mutants")
    spoilt = audit.total("variants") - audit.total("variants_passed")
    hurt = sum("cost points in" in failure.problem for failure in audit.failures)
    public, wrong = audit.total("chaffs_public"), audit.total("chaffs")
    covered, left_out = (sum(getattr(row, name) for row in audit.inputs) for name in ("covered", "left_out"))
    lines = [
        f"{lost} of {audit.total('wheats')} wheats lost, "
        f"{accepted} of {audit.total('chaffs')} chaffs accepted, "
        f"{killed} of {mutants} mutants killed ({audit.total('equivalent')} more are equivalent), "
        f"each under {audit.seeds} seeds.",
        f"Made of wheats: {audit.total('made_killed')} of {audit.total('made')} mutants killed "
        f"({audit.total('made_equivalent')} more are equivalent), "
        f"{spoilt} of {audit.total('variants')} variants lost, each under {min(audit.seeds, SEEDS_OF_MADE)} "
        "seeds.",
        f"Known mistakes named: {audit.total('named')} of {audit.total('known')} chaffs that are in the "
        f"bank; {audit.total('misnamed')} cases misdiagnosed, with their own name in the bank or without it.",
        f"Notes about library calls: {audit.total('false_notes')} false in {audit.total('by_hand')} "
        f"solutions by hand, {audit.total('missed_notes')} missed in {audit.total('library')} "
        "that use a library.",
        f"Caught by public checks: {public} of {wrong} chaffs "
        f"({public / max(wrong, 1):.0%}){_taught(audit)}.",
        *_contract(audit),
        f"Pairs of input levels covered: {covered} of {covered + left_out} in {len(audit.inputs)} functions; "
        f"the other {left_out} cannot go together, or would take too long.",
        f"Pairs of questions graded together, one wrong, the other right: {audit.pairs}, "
        f"{hurt} cases cost points in both.",
    ]
    return "\n".join(lines)


def _taught(audit: Audit) -> str:
    chaffs, missed = (
        len({name for row in audit.pitfalls for name in getattr(row, field)})
        for field in ("chaffs", "missed")
    )
    if not chaffs:
        return ""
    share = (chaffs - missed) / chaffs
    return (
        f"; {chaffs - missed} of {chaffs} ({share:.0%}) that fall into the {len(audit.pitfalls)} pitfalls "
        "that the lab teaches"
    )


def _contract(audit: Audit) -> Iterator[str]:
    if audit.clauses:
        alone = sum(bool(row.only) for row in audit.clauses)
        functions = len({row.function for row in audit.clauses})
        yield (
            f"Contract: {alone} of {len(audit.clauses)} clauses of {functions} functions have a chaff that "
            f"breaks them and nothing else; {len(audit.clauses) - alone} say why they have none."
        )
        more, less = (sum(sign * (row.lost - row.points) > 0 for row in audit.losses) for sign in (1, -1))
        yield (
            f"One mistake, one loss: {len(audit.losses) - more - less} of {len(audit.losses)} chaffs lose "
            f"the points of the clauses that they break, {less} lose less and {more} more, for reasons given."
        )


def _losses(audit: Audit) -> Iterator[str]:
    if not audit.losses:
        return
    yield "## What each chaff loses"
    yield ""
    yield "The points that it loses, those of the checks of the clauses that it breaks, and why they differ."
    yield ""
    head = ("chaff", "lost", "of", "clauses", "why")
    rows = [
        [row.chaff, f"{row.lost:g}", f"{row.points:g}", " / ".join(map(_short, row.clauses)), row.why]
        for row in audit.losses
    ]
    yield from _table(head, rows)
    yield ""


def _pitfalls(audit: Audit) -> Iterator[str]:
    if not audit.pitfalls:
        return
    yield "## Pitfalls that the lab teaches"
    yield ""
    rows = [[_short(row.taught), str(len(row.chaffs)), ", ".join(row.missed)] for row in audit.pitfalls]
    yield from _table(("taught", "chaffs", "not caught by public checks"), rows)
    yield ""


def _short(text: str, most: int = 60) -> str:
    text = text.replace("|", "\\|")
    return text if len(text) <= most else text[: most - 1] + "…"


def _head(audit: Audit) -> list[str]:
    text = "Wheats are right solutions and must pass; chaffs and mutants are wrong ones and must not."
    return ["# How good the grader is", "", text, "", summary(audit), ""]


def _questions(audit: Audit) -> list[str]:
    made = ("mutants killed", "equivalent", "mutants of wheats killed", "variants passed")
    head = ("question", "wheats passed", "chaffs caught", "in public", *made, "named", "misnamed")
    return ["## Per question", "", *_table(head, [_question(row) for row in audit.questions]), ""]


def _question(row: QuestionRow) -> list[str]:
    return [
        row.question,
        f"{row.wheats_passed}/{row.wheats}",
        f"{row.chaffs_caught}/{row.chaffs}",
        f"{row.chaffs_public}/{row.chaffs}",
        f"{row.mutants_killed}/{row.mutants}",
        str(row.equivalent),
        f"{row.made_killed}/{row.made}",
        f"{row.variants_passed}/{row.variants}",
        f"{row.named}/{row.known}",
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
        yield from (f"      {line}" for line in failure.diff.splitlines())


def _unnamed(audit: Audit) -> list[str]:
    listed = [f"- {case}" for case in audit.unnamed] or ["None."]
    return ["## Chaffs not named by any message", "", *listed, ""]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return ["| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)]
