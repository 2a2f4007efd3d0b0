"""The audit finds a right solution lost, a wrong one accepted, a wrong name, a neighbour hurt."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harness import lab

from autograder.audit import cases as cases_module
from autograder.audit.cases import Case, CaseError, Made, load_cases
from autograder.audit.mutants import mutants
from autograder.audit.page import page, summary
from autograder.audit.running import Bench, Result, Run
from autograder.audit.table import Audit, tabulate
from autograder.audit.variants import variants
from autograder.cli import main
from autograder.grade import CheckResult, QuestionResult, Verdict

SOURCE = '''
def other(x):
    return x + 1

def area(width, height=2):
    """Not 1, not 2."""
    total: int = 0
    for n in range(1, width):
        total += min(n, height) * other(n)
    return total
'''


# ---- mutants ---------------------------------------------------------------------------------------


def test_mutants_change_one_place_of_one_function() -> None:
    made = mutants(SOURCE, "area")
    assert "def area(width, height=2): -> def area(width, height=3):" in made
    assert "total += min(n, height) * other(n) -> total += max(n, height) * other(n)" in made
    assert "total += min(n, height) * other(n) -> total -= min(n, height) * other(n)" in made
    assert "for n in range(1, width): -> for n in range(width, 1):" in made
    assert "return total -> return" in made
    assert len(set(made.values())) == len(made)
    for text in made.values():
        ast.parse(text)
        assert "return x + 1" in text
        assert "Not 1, not 2." in text


def test_swapping_the_arguments_of_min_is_no_mutant() -> None:
    assert not [slug for slug in mutants(SOURCE, "area") if "min(height, n)" in slug]


# ---- cases -----------------------------------------------------------------------------------------


LOOPS = """def total(rows, scale=2):
    found = 0
    count = len(rows)
    for number, row in enumerate(rows):
        if row < 0:
            continue
        elif row == 7:
            break
        found = found + scale * row + number
    else:
        found = found + count
    return found if found > 3 else -found


def main(rows):
    top = 3
    low = 1
    return total(rows, top) * low
"""


@pytest.mark.slow
def test_variants_mean_the_same() -> None:
    def outcome(text: str) -> list[object]:
        names: dict[str, Any] = {}
        exec(text, names)
        return [names["main"](rows) for rows in ([], [1, -2, 3], [7, 1], [1, 7, 2], [-5])]

    made = variants(LOOPS, 200)
    assert len(made) > 100
    assert {name for slug in made for name in slug.partition(": ")[2].split(", ")} >= {
        "locals renamed",
        "statements exchanged",
        "arguments by name",
        "comparisons turned",
    }
    assert [slug for slug, text in made.items() if outcome(text) != outcome(LOOPS)] == []
    assert variants(LOOPS, 200) == made


@pytest.mark.slow
def test_mutants_and_variants_of_wheats_are_the_same_sample_each_time() -> None:
    first, again = (load_cases(lab(), with_mutants=False, made=Made(2, 3, 3, 2)) for _ in range(2))
    made = [case for case in first if case.made_of]
    functions = {case.function for case in first}
    assert {case.kind for case in made} == {"mutant", "variant"}
    assert len(made) == 6 * len(functions)
    assert [case.id for case in again] == [case.id for case in first]
    assert all(case.diff for case in made)


@pytest.mark.slow
def test_every_function_has_its_wheats_and_chaffs() -> None:
    found = load_cases(lab())
    assert len({case.id + case.about for case in found}) == len(found)
    for question in lab().auto_graded:
        for function in () if question.training else question.functions:
            kinds = [case.kind for case in found if case.function == function]
            assert kinds.count("wheat") >= 12
            assert kinds.count("chaff") >= 25
            assert "mutant" in kinds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 1\n", "has no docstring"),
        ('"""Wrong."""\ndef (', r"line 2: invalid syntax"),
        ('"""Wrong.\n\nMisconception: unheard_of\n"""\n', "no known mistake 'unheard of'"),
    ],
)
def test_a_case_that_is_not_as_it_should_be_is_named(tmp_path: Path, text: str, why: str) -> None:
    folder = tmp_path / "assignment/audit/chaffs/apply_convolution"
    folder.mkdir(parents=True)
    (folder / "bad.py").write_text(text)
    (tmp_path / "solutions").symlink_to(lab().root / "solutions")
    elsewhere = lab().model_copy(update={"root": tmp_path})
    with pytest.raises(CaseError, match=why) as caught:
        load_cases(elsewhere, with_mutants=False)
    assert "bad.py" in str(caught.value)


def test_the_same_code_twice_is_no_second_case(tmp_path: Path) -> None:
    once = '"""Adds two."""\ndef apply_convolution(img, kernel):\n    return img + 2\n'
    again = '"""Same."""\n# two\n\ndef apply_convolution(img, kernel):\n    """2."""\n    return (img + 2)\n'
    folder = tmp_path / "assignment/audit/chaffs/apply_convolution"
    folder.mkdir(parents=True)
    bank = tmp_path / "assignment" / lab().name / "misconceptions/apply_convolution"
    bank.mkdir(parents=True)
    (tmp_path / "solutions").symlink_to(lab().root / "solutions")
    elsewhere = lab().model_copy(update={"root": tmp_path})
    (folder / "chaff.py").write_text(once)
    (bank / "known.py").write_text(again.replace("+ 2", "+ 3"))
    assert len(load_cases(elsewhere, with_mutants=False)) == 2
    (bank / "known.py").write_text(again)
    with pytest.raises(CaseError, match=r"chaff\.py: the same code as .*known\.py"):
        load_cases(elsewhere, with_mutants=False)


@pytest.mark.slow
def test_an_equivalent_mutant_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mutants.toml"
    path.write_text('[[equivalent]]\nfunction = "evaluate"\nmutant = "a -> b"\nwhy = "no reason"\n')
    monkeypatch.setattr(cases_module, "EQUIVALENT", path)
    with pytest.raises(CaseError, match="no such mutant"):
        load_cases(lab())
    path.write_text('[[equivalent]]\nfunction = "evaluate"\n')
    other = tmp_path / "others.toml"
    path.rename(other)
    monkeypatch.setattr(cases_module, "EQUIVALENT", other)
    with pytest.raises(CaseError, match="needs function, mutant"):
        load_cases(lab())


# ---- the table -------------------------------------------------------------------------------------

RIGHT = Case("wheat", "apply_convolution", "right", "Right.", "q2_2", "convolution", "")
WRONG = replace(RIGHT, kind="chaff", slug="wrong", about="Wrong.", name="kernel turned")
MUTANT = replace(RIGHT, kind="mutant", slug="a -> b", about="a -> b")


def check(name: str, passed: bool, misconception: str = "") -> CheckResult:
    verdict = Verdict.PASSED if passed else Verdict.WRONG
    return CheckResult(
        name=name,
        title="",
        verdict=verdict,
        score=passed,
        max_score=1,
        visibility="visible",
        misconception=misconception,
    )


def run(seed: int, one: bool, two: bool, name: str = "", others: tuple[str, ...] | None = ()) -> Run:
    checks = (check("one", one, "" if one else name), check("two", two, "" if two else name))
    verdict = Verdict.PASSED if one and two else Verdict.WRONG
    return Run(
        seed,
        QuestionResult(id="q2_2", title="", score=one + two, max_score=2, verdict=verdict, checks=checks),
        others,
    )


def audited(*results: Result) -> Audit:
    return tabulate(results, lab(), 2, 1.0)


def problems(*results: Result) -> list[str]:
    return [failure.problem for failure in audited(*results).failures]


def test_what_is_as_it_should_be_counts_and_is_no_failure() -> None:
    right = Result(RIGHT, (run(0, True, True), run(1, True, True)))
    wrong = Result(WRONG, (run(0, False, True, "kernel turned"), run(1, False, False, "kernel turned")))
    found = audited(right, wrong, Result(MUTANT, (run(0, True, False), run(1, True, False))))
    (row,) = found.questions
    assert (row.wheats_passed, row.chaffs_caught, row.mutants_killed, row.named) == (1, 1, 1, 1)
    assert [(c.name, c.caught, c.alone) for c in found.checks] == [("one", 1, 1), ("two", 1, 1)]
    assert found.failures == ()
    assert "0 of 1 wheats lost, 0 of 1 chaffs accepted, 1 of 1 mutants killed" in summary(found)
    assert "| q2_2 | 1/1 | 1/1 | 1/1 | 1/1 | 0 | 0/0 | 0/0 | 1/1 | 0 |" in page(found)


def test_a_verdict_that_changes_with_the_seed_is_a_failure() -> None:
    assert "lost under seed 1" in problems(Result(RIGHT, (run(0, True, True), run(1, False, True))))[0]
    assert problems(Result(WRONG, (run(0, False, True), run(1, True, True)))) == ["accepted under seed 1"]


def test_an_equivalent_mutant_must_pass() -> None:
    equivalent = replace(MUTANT, equivalent="the same")
    assert problems(Result(equivalent, (run(0, True, True), run(1, True, True)))) == []
    assert "killed" in problems(Result(equivalent, (run(0, False, True), run(1, True, True))))[0]


def test_a_wrong_name_and_a_hurt_neighbour_are_failures() -> None:
    named = Result(WRONG, (run(0, False, True, "magnitude"), run(1, False, True)))
    assert problems(named) == ["misdiagnosed as magnitude"]
    hurt = Result(WRONG, (run(0, False, True, others=("q3_4",)), run(1, False, True)))
    assert problems(hurt) == ["cost points in q3_4 too"]


def test_a_name_that_it_would_get_without_its_own_is_wrong_too() -> None:
    both = replace(run(0, False, True), explaining=("kernel turned", "magnitude"))
    assert problems(Result(WRONG, (both,))) == ["misdiagnosed as magnitude"]
    alone = replace(run(0, False, True, "kernel turned"), explaining=("kernel turned",))
    assert problems(Result(WRONG, (alone,))) == []
    three = replace(both, explaining=("kernel turned", "magnitude", "normalised"))
    assert problems(Result(WRONG, (three,))) == []


def test_a_name_of_a_mutant_that_another_seed_refutes_is_wrong() -> None:
    named = replace(run(0, False, True, "magnitude"), explaining=("magnitude",))
    refuted = replace(run(1, False, True), explaining=())
    assert problems(Result(MUTANT, (named, refuted))) == ["misdiagnosed as magnitude"]
    again = replace(named, seed=1)
    assert problems(Result(MUTANT, (named, again))) == []


def test_notes_on_library_calls_are_compared_with_what_the_docstring_says() -> None:
    def noted(case: Case, *notes: str) -> Result:
        one = run(0, True, True)
        return Result(case, (replace(one, question=one.question.model_copy(update={"shortcuts": notes})),))

    library = replace(RIGHT, library=("windows",))
    found = audited(noted(RIGHT, "convolution: it ran"), noted(library), noted(library, "windows: it ran"))
    assert [failure.problem for failure in found.failures] == [
        "noted as a library's convolution",
        "not noted as a library's windows",
    ]
    assert "1 false in 1 solutions by hand, 1 missed in 2 that use a library" in summary(found)


def test_a_lost_variant_is_shown_with_what_was_changed() -> None:
    made = replace(RIGHT, kind="variant", slug="v", text="x = 2\n", made_of="x = 1\n")
    (failure,) = audited(Result(made, (run(0, False, True),))).failures
    assert failure.diff.splitlines()[-2:] == ["-x = 1", "+x = 2"]


def test_what_a_judgement_proves_is_never_a_wrong_name() -> None:
    assert problems(Result(WRONG, (run(0, False, True, "dtype lost"), run(1, False, True)))) == []


# ---- for real --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench(lab())
    yield made
    made.close()


@pytest.mark.ci
def test_cases_are_graded_as_students_are(bench: Bench) -> None:
    found = {case.id: case for case in load_cases(lab())}
    right = bench.run(found["wheat apply_convolution/spectrum"], 2, neighbours=True)
    assert right.as_it_should
    assert [run.others for run in right.runs] == [(), None]
    wrong = bench.run(found["chaff apply_convolution/flipped_loops"], 2)
    assert wrong.as_it_should
    assert {c.misconception for run in wrong.runs for c in run.question.checks} >= {"kernel turned"}


@pytest.mark.ci
def test_the_command_writes_its_table_and_fails_when_something_is_lost(tmp_path: Path) -> None:
    arguments = [
        "audit",
        "--only",
        "wheat move_to_device/",
        "--seeds",
        "1",
        "--jobs",
        "1",
        "--out",
        str(tmp_path),
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert " wheats lost, 0 of 0 chaffs accepted" in result.output
    assert Audit.model_validate_json((tmp_path / "audit.json").read_text()).seeds == 1
    assert "| q1_2 | 14/14 |" in (tmp_path / "audit.md").read_text()


@pytest.mark.slow
def test_the_command_names_what_matches_nothing() -> None:
    result = CliRunner().invoke(main, ["audit", "--no-mutants", "--only", "nothing of the kind"])
    assert result.exit_code == 2
    assert "no case matches" in result.output
