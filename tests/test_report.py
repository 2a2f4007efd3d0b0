"""What a grade looks like on the terminal, on Gradescope, in a spreadsheet and as JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, lab
from hypothesis import given
from hypothesis import strategies as st
from made_up_grades import check, grade, question
from rich.console import Console
from tries import tries

from autograder.checking.catalog import catalog
from autograder.grade import (
    Environment,
    Grade,
    QuestionResult,
    Training,
    Verdict,
    json_schema,
)
from autograder.gradebook.gradescope import results
from autograder.gradebook.table import grades_csv
from autograder.report import new_console, print_summary, print_table
from autograder.report.feedback import feedback_page
from autograder.text import clean, cut, fenced, one_line, plain, points

SECRET = "the hidden input was 4711"
HOSTILE = "[bold red]a[/] [link=http://x]\n```\n# Title\n<script>\u202eevil\x1b[31m\0\r\n````\n![x](http://y)"


WRITTEN = question("q2_3", title="Why", score=0, max_score=4, verdict=Verdict.UNGRADED, answer="because")
TRAINING = Training(
    device="cpu",
    seed=1,
    data="sample",
    epochs=2,
    batches=63,
    attempts=1,
    threshold=0.88,
    losses=(0.9, 0.4),
    accuracies=(0.8, 0.9),
    accuracy=0.91234,
    averaged_accuracy=0.93,
)
MIXED = grade(
    question(
        "q1_1",
        check("shape", Verdict.PASSED, 2),
        check("other", Verdict.WRONG, 0.5, message=HOSTILE, visibility="hidden", detail=SECRET),
        output=f"printed {HOSTILE}",
    ),
    question("q1_2", check("runs", Verdict.TIMEOUT, 2, message="Used more than 10 s of CPU time")),
    question("q1_3", check("todo", Verdict.NOT_IMPLEMENTED, 3, message="Not implemented yet.")),
    question("q1_7", check("trains", Verdict.NOT_RUN, 10)),
    WRITTEN,
    training=TRAINING,
    notes=("The files were found in the folder [red]*lab*.",),
)


def shown(what: Grade, width: int = 80, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_table(what, console, **options)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


def test_a_threshold_is_shown_with_all_its_decimals() -> None:
    told = MIXED.model_copy(update={"training": TRAINING.model_copy(update={"threshold": 0.885})})
    assert "(0.885 needed)" in " ".join(shown(told).split())
    assert "(0.885 needed)" in results(told)


# ---- Gradescope --------------------------------------------------------------------------------------

VISIBILITY = {"visible", "hidden", "after_due_date", "after_published"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
FIELDS = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "name_format": str,
    "number": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}
TOP = {
    "score": (int, float),
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}


def gradescope(what: Grade) -> dict[str, Any]:
    """results.json of a grade, held against what Gradescope's specification allows."""
    data = json.loads(results(what))
    assert isinstance(data, dict)
    for item, fields in [(data, TOP), *((test, FIELDS) for test in data["tests"])]:
        assert set(item) <= set(fields)
        assert all(isinstance(value, fields[key]) for key, value in item.items())  # type: ignore[arg-type]
        assert item["visibility"] in VISIBILITY
        assert item["output_format"] in FORMATS
        assert item.get("status", "passed") in ("passed", "failed")
    assert data["stdout_visibility"] in VISIBILITY
    assert all(set(leader) <= {"name", "value", "order"} for leader in data["leaderboard"])
    return data


def test_gradescope_format_and_sums() -> None:
    data = gradescope(MIXED)
    assert data["score"] == MIXED.score == sum(test.get("score", 0) for test in data["tests"])
    assert sum(test.get("max_score", 0) for test in data["tests"]) == MIXED.max_score
    assert data["stdout_visibility"] == "hidden"
    assert data["leaderboard"] == [{"name": "Test accuracy", "value": 0.9123, "order": "desc"}]


def test_what_a_student_gets_does_not_depend_on_how_long_it_took() -> None:
    """A hidden check could sleep for as many seconds as a pixel is bright."""

    def slow(question: QuestionResult) -> QuestionResult:
        checks = tuple(check.model_copy(update={"seconds": 99.0}) for check in question.checks)
        return question.model_copy(update={"checks": checks})

    late = MIXED.model_copy(update={"seconds": 299.0, "questions": tuple(map(slow, MIXED.questions))})
    assert results(late) == results(MIXED)
    assert feedback_page(late, lab()) == feedback_page(MIXED, lab())


def test_gradescope_sums_of_every_check_in_the_catalog() -> None:
    """With half of the checks passed, each row's score adds up to the total exactly."""
    rows = []
    for asked in lab().auto_graded:
        mine = [c for c in catalog(lab()) if c.question == asked.id]
        verdicts = [Verdict.PASSED if n % 2 else Verdict.WRONG for n in range(len(mine))]
        checks = [check(c.name, verdict, c.points) for c, verdict in zip(mine, verdicts, strict=True)]
        rows.append(question(asked.id, *checks))
    data = gradescope(grade(*rows))
    assert sum(test["score"] for test in data["tests"]) == data["score"]
    assert sum(test["max_score"] for test in data["tests"]) == lab().max_score


def test_gradescope_rows() -> None:
    shape, other, runs, todo, trains, written = gradescope(MIXED)["tests"]
    assert shape["name"] == "q1_1 Title of q1_1: shape"
    assert (shape["status"], shape["visibility"]) == ("passed", "visible")
    assert (other["status"], other["visibility"], other["score"]) == ("failed", "hidden", 0)
    assert "**timeout**" in runs["output"]
    assert "more than 10 s" in runs["output"]
    assert "**not implemented**" in todo["output"]
    assert "**not run**" in trains["output"]
    assert not {"score", "max_score", "status"} & set(written)
    assert "A person reads" in written["output"]


def test_gradescope_never_shows_details() -> None:
    assert SECRET not in results(MIXED)


def test_gradescope_tells_what_was_not_run_and_noted() -> None:
    text = gradescope(MIXED)["output"]
    assert "Public checks passed: 1 of 3." in text
    assert "Not run here: q1_7." in text
    assert "test accuracy 0.912" in text
    assert r"\[red\]\*lab\*" in text
    assert "leaderboard" in results(grade(WRITTEN))
    assert gradescope(grade(WRITTEN))["leaderboard"] == []


def unfenced(markdown: str) -> str:
    """What of a text lies outside of fenced code blocks, as CommonMark reads it."""
    outside, fence = [], ""
    for line in re.split("\r\n|\n|\r", markdown):
        ticks = re.match(r" {0,3}(`{3,}|~{3,})([^`]*)$", line)
        if not fence and ticks:
            fence = ticks[1]
        elif fence and ticks and ticks[1].startswith(fence) and not ticks[2].strip():
            fence = ""
        elif not fence:
            outside.append(line)
    assert not fence, "a fence is open at the end"
    return "\n".join(outside)


def test_student_text_stays_in_its_fence() -> None:
    for row in gradescope(MIXED)["tests"]:
        outside = unfenced(row["output"])
        assert not any(word in outside for word in ("Title", "script", "evil", "http"))


@tries(300)
@given(st.text(alphabet=st.sampled_from(list("`~\n\r\t a#\u2028\x0b\x0c"))) | st.text())
def test_no_text_breaks_out_of_its_fence(text: str) -> None:
    assert unfenced(f"before\n{fenced(text)}\nafter") == "before\nafter"


def test_long_output_is_cut() -> None:
    long = question("q1_1", check("a", Verdict.WRONG, 1, message="m" * 10**6), output="o" * 10**6)
    assert len(results(grade(long))) < 20_000


# ---- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "c", ["\x00", "\x07", "\x1b", "\r", "\x7f", "\x9b", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800"]
)
def test_invisible_characters_are_replaced(c: str) -> None:
    assert clean(f"a{c}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_visible_text_is_kept() -> None:
    text = "é 日本\tx\n∂L/∂x → `code` 🙂"
    assert clean(text) == text
    assert clean("a\r\nb") == "a\nb"


@tries(200)
@given(st.text())
def test_markdown_shows_plain_text_as_it_is(text: str) -> None:
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text)) == one_line(text)
    assert not re.search(r"(?<!\\)(\\\\)*[`*_<\[]", plain(text))


def test_cut_and_points() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
    assert [points(value) for value in (12.0, 0.5, 0.1 + 0.2, 1000000.0)] == ["12", "0.5", "0.3", "1000000"]


# ---- terminal --------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 100])
def test_table_fits(width: int) -> None:
    lines = shown(MIXED, width).splitlines()
    assert max(map(len, lines)) <= width
    assert re.search(r"q1_2 +│ Title of q1_2 +│ +0/2 +│ timeout", "\n".join(lines))
    assert re.search(r"total .* 2/17\.5", "\n".join(lines))


def test_table_of_the_lab_keeps_one_line_per_question() -> None:
    questions = [
        question(asked.id, check("x", Verdict.NOT_IMPLEMENTED, asked.points), title=asked.title)
        for asked in lab().questions
    ]
    lines = shown(grade(*questions)).splitlines()
    for asked in lab().questions:
        assert any(asked.id in line and asked.title in line and "not implemented" in line for line in lines)


def test_reasons_below_the_table() -> None:
    text = shown(MIXED)
    assert "q1_2  Used more than 10 s of CPU time\n" in re.sub(" +\n", "\n", text)
    assert "not implemented yet: q1_3\n" in text
    assert "note: The files were found in the folder [red]*lab*." in text


def test_worst_reason_is_the_one_told() -> None:
    row = question(
        "q1_1",
        check("a", Verdict.WRONG, 1, message="was wrong"),
        check("b", Verdict.CRASHED, 1, message="ended by SIGSEGV\nmodel.py, line 3"),
        check("c", Verdict.PASSED, 1),
    )
    text = shown(grade(row))
    assert re.search(r"q1_1  ended by SIGSEGV +\n      model\.py, line 3 \(and 1 more check; see -v\)", text)
    assert "was wrong" not in text


def test_one_reason_for_several_questions_is_told_once() -> None:
    def lost(question_id: str, message: str) -> QuestionResult:
        checks = [check(name, Verdict.ERROR, 1, message=message) for name in "abc"]
        return question(question_id, *checks)

    text = shown(
        grade(*(lost(f"q1_{n}", "training.py was not handed in.") for n in (2, 3, 4)), lost("q2_1", "x"))
    )
    assert text.count("not handed in") == 1
    assert "q1_2 q1_3  training.py was not handed in. (and 8 more checks; see -v)" in text
    assert re.search(r"\nq1_4 +\nq2_1       x \(and 2 more", text)


def test_a_terminal_without_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    row = question("q1_1", check("a", Verdict.WRONG, 1, message="∂L/∂x"))
    print_table(grade(row), new_console())
    stream.flush()
    assert b"?L/?x" in stream.buffer.getvalue()


def test_a_long_reason_is_cut() -> None:
    for message in ("x\n" * 500, "y" * 50_000):
        text = shown(grade(question("q1_1", check("a", Verdict.WRONG, 1, message=message))))
        assert len(text.splitlines()) < 40
        assert "…" in text


def test_student_text_is_never_markup() -> None:
    for text in (shown(MIXED, 200), shown(MIXED, 200, verbose=True)):
        assert "[bold red]a[/] [link=http://x]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_hostile_submission_names() -> None:
    assert "[red]x[/red]" in shown(grade(WRITTEN, submission="[red]x[/red]"))


def test_verbose_shows_every_check_that_was_run() -> None:
    text = shown(MIXED, verbose=True)
    assert re.search(r"q1_1 other \(hidden\): wrong 0/0\.5 0\.25 s\n +the hidden input was 4711", text)
    assert re.search(r"q1_1 printed:\n +printed", text)
    assert "q1_7 trains" not in text
    assert SECRET not in shown(MIXED)


def test_summary(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=80)
    rows: list[tuple[str, Grade | str]] = [("ann", MIXED), ("[b]bea", "[red]x.zip: not a zip")]
    print_summary(rows, Path("out"), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert re.search(r"ann +│ +2/17\.5 │ timeout q1_2; wrong q1_1; not implemented q1_3 +│", text)
    assert "not run: q1_7; their points still count towards the maximum\n" in text
    assert re.search(r"\[b\]bea +│ +- │ unreadable: \[red\]x\.zip: not a zip", text)
    assert "isolation: FULL (on: seccomp)" in text
    assert "out/<submission>/grade.json" in text


def test_what_ran_for_some_is_told_in_the_others_rows(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=80)
    less = question("q1_1", check("all", Verdict.NOT_RUN, 2), digest="")
    full = question("q1_1", check("all", Verdict.PASSED, 2))
    never = question("q1_7", check("all", Verdict.NOT_RUN, 2), digest="")
    rows = [("ann", grade(full, never)), ("bea", grade(less, never))]
    print_summary(rows, Path("out"), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert re.search(r"ann +│ +2/4 │ +│", text)
    assert re.search(r"bea +│ +0/4 │ not run q1_1 +│", text)
    assert "not run: q1_7; their points" in text


def test_reduced_isolation_is_said() -> None:
    less = Environment(device="cpu", isolation=(), missing={"seccomp": "not built"}, versions={}, seed=1)
    console = Console(file=io.StringIO(), width=80)
    print_summary([("ann", grade(WRITTEN, environment=less))], Path("out"), console)
    assert "isolation: REDUCED (no seccomp: not built; on: nothing)" in console.file.getvalue()  # type: ignore[attr-defined]


UNSAFE = Environment(
    device="cpu",
    isolation=("UNSAFE: without seccomp (not built)", "rlimits"),
    missing={"seccomp": "not built"},
    versions={},
    seed=1,
)


def test_an_unsafe_run_is_said_to_have_no_isolation() -> None:
    console = Console(file=io.StringIO(), width=120)
    rows = [("ann", grade(WRITTEN, environment=UNSAFE)), ("bea", grade(WRITTEN, environment=UNSAFE))]
    print_summary(rows, Path("out"), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    line = "isolation: NONE (no seccomp: not built; on: UNSAFE: without seccomp (not built), rlimits)"
    assert text.count(line) == 1
    assert "FULL" not in text


# ---- CSV -------------------------------------------------------------------------------------------


def table(*rows: tuple[str, Grade | str]) -> list[dict[str, str]]:
    text = grades_csv(rows, [q.id for q in MIXED.questions])
    return list(csv.DictReader(io.StringIO(text)))


def test_csv() -> None:
    bea, ann = table(("bea", MIXED), ("ann", "ann.zip: not a zip,\nreally"))[::-1]
    assert (bea["submission"], bea["score"], bea["max_score"]) == ("bea", "2", "17.5")
    assert (bea["q1_1"], bea["q1_1 verdict"], bea["q2_3"], bea["q2_3 verdict"]) == (
        "2",
        "wrong",
        "",
        "ungraded",
    )
    assert (ann["score"], ann["q1_1"], ann["problem"]) == ("", "", "ann.zip: not a zip, really")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-rf", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "%x", "|x"])
def test_csv_holds_no_formula(name: str) -> None:
    (by_name,) = table((name, MIXED))
    (by_reason,) = table(("x", name))
    for cell in (by_name["submission"], by_reason["problem"]):
        assert cell[0] in "'\N{REPLACEMENT CHARACTER}"


# ---- the schema ------------------------------------------------------------------------------------


def test_published_schema_is_fresh() -> None:
    published = (ROOT / "autograder" / "grade.schema.json").read_text()
    assert json.loads(published) == json.loads(json_schema()), (
        "write it again: python -c 'from autograder.grade import json_schema as s; print(s(), end=\"\")' "
        "> autograder/grade.schema.json"
    )


def test_a_grade_is_valid_by_the_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    data = json.loads(MIXED.to_json())
    validator.validate(data)
    for key in ("schema", "submission", "score", "max_score", "questions", "environment", "digest"):
        assert not validator.is_valid({name: value for name, value in data.items() if name != key})
    assert not validator.is_valid({**data, "schema": "convlab.grade/2"})
    assert not validator.is_valid({**data, "more": 1})
