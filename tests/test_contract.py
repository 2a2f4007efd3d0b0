"""The contract: its page is fresh, and each of its rules fails where it is broken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.audit.cases import Case
from autograder.audit.clauses import compared, fallen
from autograder.audit.running import Result, Run
from autograder.audit.table import tabulate
from autograder.contract import (
    Clause,
    Contract,
    Part,
    Pitfall,
    page_bytes,
    pitfall_problems,
    problems,
    read_contract,
    read_pitfalls,
)
from autograder.contract.table import unquoted
from autograder.grade import CheckResult, QuestionResult, Verdict
from autograder.lab import Lab, LabError, load_lab
from autograder.release.build import stale
from autograder.release.sources import cut_lab

ROOT = Path(__file__).resolve().parent.parent
LABS = {"lab06": ROOT, "tinylab": ROOT / "examples" / "tinylab"}
CHECKS = {"one": True, "two": True, "three": False}
"""Checks of q1_1 in made-up results: whether they are public."""


@pytest.fixture(scope="module")
def tiny() -> Lab:
    return load_lab(LABS["tinylab"])


@pytest.mark.parametrize("name", LABS)
def test_the_contract_of_each_lab_holds_and_its_page_is_fresh(name: str) -> None:
    lab = load_lab(LABS[name])
    contract = read_contract(lab)
    assert contract is not None
    assert problems(lab, contract) == []
    assert pitfall_problems(lab, read_pitfalls(lab)) == []
    assert lab.contract_page.read_bytes() == page_bytes(lab), "run `convlab cut`"


def test_a_stale_page_is_found(tiny: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lab, "contract_page", property(lambda _: tmp_path / "contract.md"))
    assert stale(cut_lab(tiny)) == []
    (tmp_path / "contract.md").write_text("# Last year's")
    assert [line for line in stale(cut_lab(tiny)) if "out of date" in line] == [
        f"{tmp_path / 'contract.md'} is out of date; run `convlab cut`"
    ]


# ---- what can be seen without running anything -----------------------------------------------------------


def changed(lab: Lab, function: str, fields: Mapping[str, object], number: int = 0) -> list[str]:
    """The problems of a lab's contract with one clause changed."""
    contract = read_contract(lab)
    assert contract is not None
    clauses = list(contract.of(function))
    clauses[number] = clauses[number].model_copy(update=dict(fields))
    part = contract.parts[function].model_copy(update={"clauses": tuple(clauses)})
    return problems(lab, Contract(parts={**contract.parts, function: part}))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"checks": ()}, "no check enforces it"),
        ({"checks": ("by_hand", "by_ear")}, "there is no check q1_1/by_ear"),
        ({"checks": ("by_hand", "q1_2/by_ear")}, "there is no check q1_2/by_ear"),
        ({"chaffs": ()}, "no chaff breaks it and nothing else"),
        ({"chaffs": ("zero_divided_by_zero",)}, "no chaff breaks it and nothing else"),
        ({"chaffs": ("no_return", "yes_return")}, "there is no chaff yes_return"),
        ({"chaffs": ("no_return",)}, "the chaff root_forgotten breaks no clause"),
        ({"wheat": ""}, "no wheat is at its edge"),
        ({"wheat": "rye"}, "there is no wheat rye"),
        ({"beside": ("by_hand",), "why": ""}, "`beside` needs a `why`"),
        (
            {"words": ("Divide each row",)},
            "no clause has 'of a matrix by its length', which explains nothing",
        ),
        ({"words": ("Multiply each row",)}, "its text does not say 'Multiply each row'"),
    ],
)
def test_a_broken_rule_is_told(tiny: Lab, fields: dict[str, object], told: str) -> None:
    assert any(told in line for line in changed(tiny, "normalise_rows", fields)), told


def test_a_check_that_no_clause_needs_is_told(tiny: Lab) -> None:
    found = changed(tiny, "cosine_similarity", {"checks": ("sizes",)}, 1)
    assert "q1_2/by_hand: no clause needs this check" not in found
    contract = read_contract(tiny)
    assert contract is not None
    without = {**contract.parts, "cosine_similarity": Part()}
    assert "q1_2/by_hand: no clause needs this check" in problems(tiny, Contract(parts=without))


def test_a_function_without_its_part_and_a_part_without_its_function_are_told(tiny: Lab) -> None:
    contract = read_contract(tiny)
    assert contract is not None
    parts = {**contract.parts, "angles": Part()}
    del parts["normalise_rows"]
    found = problems(tiny, Contract(parts=parts))
    assert "angles: nothing in solutions/ has that name" in found
    assert "normalise_rows: the contract does not have it" in found


def test_a_file_that_cannot_be_read_is_named(
    tiny: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "contract.toml"
    monkeypatch.setattr(Lab, "contract", property(lambda _: path))
    assert read_contract(tiny) is None
    assert page_bytes(tiny) is None
    path.write_text("[a\n")
    with pytest.raises(LabError, match=r"contract\.toml:\d+: "):
        read_contract(tiny)
    path.write_text("[[a.clauses]]\nwords = []\n")
    with pytest.raises(
        LabError, match=r"contract\.toml:\d+: `words` is \[\]; it should have at least 1 item"
    ):
        read_contract(tiny)


def test_only_words_that_no_quote_covers_are_left() -> None:
    text = "Adds two: a and b. Returns a number."
    assert unquoted(text, ("Adds two:", "Returns a number", "a and b")) == ([], [])
    assert unquoted(text, ("Adds two:", "Returns a tensor")) == (
        ["a and b. Returns a number."],
        ["Returns a tensor"],
    )


# ---- what graded chaffs show ----------------------------------------------------------------------------

ONE = Clause(words=("first",), checks=("one", "two"), chaffs=("a",), wheat="w")
TWO = Clause(words=("second",), checks=("three",), chaffs=("b",), wheat="w")


def graded(slug: str, *failed: str, again: tuple[str, ...] | None = None) -> Result:
    """A chaff of `normalise_rows` that fails some checks, worth a point each; others under another seed."""
    case = Case("chaff", "normalise_rows", slug, "Wrong.", "q1_1", "vectors", "")
    runs = [_run(seed, failing) for seed, failing in enumerate((failed, failed if again is None else again))]
    return Result(case, tuple(runs))


def _run(seed: int, failed: tuple[str, ...]) -> Run:
    checks = tuple(
        CheckResult(
            name=name,
            title="",
            verdict=Verdict.WRONG if name in failed else Verdict.PASSED,
            score=name not in failed,
            max_score=1,
            visibility="visible" if public else "hidden",
        )
        for name, public in CHECKS.items()
    )
    score = sum(check.score for check in checks)
    question = QuestionResult(
        id="q1_1", title="", score=score, max_score=3, verdict=Verdict.WRONG, checks=checks
    )
    return Run(seed, question, None)


def told(lab: Lab, clauses: tuple[Clause, ...], *results: Result) -> list[str]:
    contract = Contract(parts={"normalise_rows": Part(clauses=clauses)})
    return [problem for _, _, problem in compared(results, lab, contract).problems]


def test_chaffs_that_break_just_their_clause_lose_its_points(tiny: Lab) -> None:
    contract = Contract(parts={"normalise_rows": Part(clauses=(ONE, TWO))})
    found = compared([graded("a", "one", "two"), graded("b", "three")], tiny, contract)
    assert found.problems == ()
    assert [(clause.words, clause.points, clause.only) for clause in found.clauses] == [
        ("first", 2, 1),
        ("second", 1, 1),
    ]
    assert [(loss.chaff, loss.lost, loss.points, loss.why) for loss in found.losses] == [
        ("normalise_rows/a", 2, 2, "the same"),
        ("normalise_rows/b", 1, 1, "the same"),
    ]


def test_a_chaff_that_breaks_something_else_is_told(tiny: Lab) -> None:
    both = graded("a", "one", "two", "three")
    found = told(tiny, (ONE, TWO), both, graded("b", "three"))
    assert "also fails three, which is of no clause that it is to break" in found
    argued = ONE.model_copy(update={"beside": ("three",), "why": "It raises."})
    assert told(tiny, (argued, TWO), both, graded("b", "three")) == []
    listed = TWO.model_copy(update={"chaffs": ("a", "b")})
    assert (
        told(tiny, (ONE.model_copy(update={"why": "It raises."}), listed), both, graded("b", "three")) == []
    )


def test_a_chaff_that_does_not_break_its_clause_under_every_seed_is_told(tiny: Lab) -> None:
    found = told(tiny, (ONE, TWO), graded("a", "one", "two"), graded("b", "three", again=()))
    assert found == ["breaks 'second', but none of its checks fails under every seed"]


def test_a_check_that_no_chaff_of_the_clause_fails_is_told(tiny: Lab) -> None:
    found = told(tiny, (ONE, TWO), graded("a", "one"), graded("b", "three"))
    assert "none of its chaffs fails two" in found


def test_a_loss_that_differs_from_the_clause_needs_a_reason(tiny: Lab) -> None:
    clause = ONE.model_copy(update={"chaffs": ("a", "c")})
    results = graded("a", "one", "two"), graded("c", "two")
    assert told(tiny, (clause,), *results) == [
        "loses 1 points where what it breaks is worth 2; the contract gives no `why`"
    ]
    assert told(tiny, (clause.model_copy(update={"why": "It shows late."}),), *results) == []


def test_a_pitfall_that_public_checks_do_not_catch_is_told() -> None:
    pitfall = Pitfall(taught="Mind the gap.", chaffs=("normalise_rows/a", "normalise_rows/b"))
    results = graded("a", "two"), graded("b", "three"), graded("c", "three")
    (found,) = fallen(results, [pitfall])
    assert (found.chaffs, found.missed) == (pitfall.chaffs, ("normalise_rows/b",))
    (found,) = fallen([graded("a", "one", again=("three",))], [pitfall])
    assert found.missed == ("normalise_rows/a",)


def test_pitfalls_quote_the_lab_and_name_its_chaffs(tiny: Lab) -> None:
    real = Pitfall(taught="A row of zeros has no direction", chaffs=("normalise_rows/zero_divided_by_zero",))
    assert pitfall_problems(tiny, (real,)) == []
    made_up = Pitfall(taught="Rows are round.", chaffs=("normalise_rows/square",))
    assert pitfall_problems(tiny, (made_up,)) == [
        "the lab does not say 'Rows are round.'",
        "'Rows are round.': there is no chaff normalise_rows/square",
    ]


def test_an_audit_fails_for_a_contract_that_does_not_hold(
    tiny: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tiny.contract.read_text("utf-8")
    path = tmp_path / "contract.toml"
    path.write_text(text.replace('wheat = "pair_by_pair"', 'wheat = "rye"', 1))
    monkeypatch.setattr(Lab, "contract", property(lambda _: path))
    (failure,) = tabulate([], tiny, 1, 1.0).failures
    assert (failure.case, failure.about) == ("contract", "cosine_similarity")
    assert "there is no wheat rye" in failure.problem
