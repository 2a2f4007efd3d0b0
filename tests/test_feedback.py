"""feedback.html: what a student gets back, what never stands in it, and HTML of what students write."""

from __future__ import annotations

import html
import random
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness import lab
from hypothesis import given
from hypothesis import strategies as st
from made_up_class import ANSWER, DETAIL, HOSTILE, a_check, a_grade, write
from markupsafe import Markup
from pages import Elements, assert_harmless, text_of
from tries import tries

from autograder.checking.catalog import catalog
from autograder.cli import main
from autograder.grade import Grade, QuestionResult, Verdict
from autograder.lab.rubric import rubric
from autograder.report import figures
from autograder.report.feedback import feedback_page
from autograder.report.maths import mathml
from autograder.report.prose import prose


def tags(text: str) -> set[str]:
    return {tag for tag, _ in Elements(text).found}


def changed(grade: Grade, question_id: str, **fields: object) -> Grade:
    """A grade with some fields of one question replaced."""
    questions = [
        QuestionResult.model_validate({**dict(question), **fields})
        if question.id == question_id
        else question
        for question in grade.questions
    ]
    return Grade.model_validate({**dict(grade), "questions": questions})


def page_of(grade: Grade) -> str:
    return feedback_page(grade, lab())


# ---- what stands in it -------------------------------------------------------------------------------


def test_every_question_with_score_verdict_checks_and_messages() -> None:
    grade = a_grade("ann", seed=3)
    page = page_of(grade)
    text = text_of(page)
    for question in grade.questions:
        assert f'id="{question.id}"' in page
        assert question.title in text
        for check in question.checks:
            assert check.title in text
            assert str(check.verdict) in text
            assert " ".join(check.message.split()) in text
    assert f"{grade.score:g} of {grade.max_score:g}" in text


def test_the_page_begins_with_what_cost_the_most_points() -> None:
    grade = a_grade("ann", seed=3)
    lost = {
        q.id: q.max_score - q.score for q in grade.questions if q.checks and q.verdict is not Verdict.NOT_RUN
    }
    order = [name for name, points in sorted(lost.items(), key=lambda item: -item[1]) if points][:4]
    assert order
    page = page_of(grade)
    first = page[page.index('id="first"') : page.index("<caption>")]
    assert re.findall(r'href="#(\w+)"', first) == order


def test_known_mistakes_are_said_before_the_checks() -> None:
    pick = random.Random(0)
    check = next(check for check in catalog(lab()) if check.question == "q2_2" and not check.hidden)
    message = "Known mistake: The kernel was turned. Why?\n6 of 6 values differ"
    wrong = a_check(check, Verdict.WRONG, pick, message=message, visibility="visible")
    grade = a_grade("ann")
    lost = {"checks": (wrong,), "verdict": Verdict.WRONG, "score": 0.0}
    questions = tuple(q.model_copy(update=lost) if q.id == "q2_2" else q for q in grade.questions)
    page = page_of(grade.model_copy(update={"questions": questions}))
    first = text_of(page[page.index('id="first"') : page.index("<caption>")])
    assert "Known mistake: The kernel was turned. Why?" in first
    assert "6 of 6" not in first


def test_what_passed_is_folded_and_nothing_else() -> None:
    grade = a_grade("ann", seed=3)
    page = page_of(grade)
    for question in grade.questions:
        folded = f"What was checked in {question.id}<" in page
        assert folded == (question.verdict is Verdict.PASSED)


def test_nothing_to_look_at_first_where_nothing_was_lost() -> None:
    grade = a_grade("ann")
    questions = [
        q.model_copy(update={"score": q.max_score, "verdict": Verdict.PASSED}) if q.checks else q
        for q in grade.questions
    ]
    assert 'id="first"' not in page_of(grade.model_copy(update={"questions": tuple(questions)}))


def test_the_page_is_harmless_whatever_students_write() -> None:
    grade = changed(a_grade(HOSTILE), "q3_1", answer=HOSTILE)
    page = page_of(grade)
    assert_harmless(page)
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "alert(1)" in text_of(page)


def test_details_and_hidden_checks_are_never_shown() -> None:
    grade = a_grade("ann", seed=3)
    pick = random.Random(0)
    check = next(check for check in catalog(lab()) if check.question == "q2_2" and check.hidden)
    secret = a_check(check, Verdict.WRONG, pick, message="SECRET", title="SECRET TITLE", visibility="hidden")
    shown = a_check(check, Verdict.WRONG, pick, message="may be told", visibility="after_due_date")
    later = a_check(check, Verdict.WRONG, pick, message="may be told too", visibility="after_published")
    page = page_of(changed(grade, "q2_2", checks=(secret, shown, later)))
    assert DETAIL not in html.unescape(page)
    assert "SECRET" not in page
    assert "1 more check counts and is not shown" in text_of(page)
    assert "may be told" in page
    assert "may be told too" in page


def test_the_rubric_is_not_given_away() -> None:
    lines = [line for line in re.findall(r"[^|\n]{25,}", rubric(lab())) if "$" not in line]
    assert len(lines) > 10
    grade = a_grade("ann").with_points({"q3_1": (3, "fine")})
    text = text_of(page_of(grade))
    assert not [line for line in lines if line.strip() in text]


def test_written_answers_with_and_without_points() -> None:
    grade = a_grade("ann")
    assert "It is not in the score yet." in text_of(page_of(grade))
    graded = grade.with_points({"q2_3": (3.5, "The signs\nare missing. <b>")})
    text = text_of(page_of(graded))
    assert "3.5 of 4" in text
    assert "The signs are missing. <b>" in text
    assert "No answer was handed in." in text


def test_formulas_of_answers_are_mathml() -> None:
    page = page_of(a_grade("ann", answer=ANSWER))
    assert '<math display="block"' in page
    assert "<mfrac>" in page
    assert 'class="formula"' not in page


def test_training_has_its_curves() -> None:
    grade = next(g for g in (a_grade(str(n)) for n in range(20)) if g.training)
    page = page_of(grade)
    assert page.count('<svg role="img"') == 2
    assert "epoch 1: 1.050" in page
    assert "<svg" not in page_of(grade.model_copy(update={"training": None}))


def test_question_that_was_not_run() -> None:
    grade = a_grade("ann")
    checks = [
        check.model_copy(update={"verdict": Verdict.NOT_RUN, "score": 0, "message": ""})
        for check in grade.question("q1_7").checks
    ]
    less = grade.score - grade.question("q1_7").score
    fields = {"verdict": Verdict.NOT_RUN, "score": 0, "checks": checks}
    questions = [q.model_copy(update=fields) if q.id == "q1_7" else q for q in grade.questions]
    text = text_of(page_of(grade.model_copy(update={"questions": tuple(questions), "score": less})))
    assert "Not run here: q1_7. Their points still count towards the maximum." in text


def test_the_same_grade_gives_the_same_page() -> None:
    assert page_of(a_grade("ann", seed=2)) == page_of(a_grade("ann", seed=2))


# ---- what students write -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>x</b>", "&lt;b&gt;x"),
        ("[x](https://y.example/z)", 'x <span class="aside">(https://y.example/z)</span>'),
        ("<https://y.example>", "https://y.example"),
        ("![a plot](https://y.example/z.png)", "[picture: a plot]"),
        ("# Title", '<p class="heading">Title</p>'),
        ("a_1 and $a_1$", "<msub><mi>a</mi><mn>1</mn></msub>"),
        (r"\begin{align}a&=b\\c&=d\end{align}", "<mtr>"),
        ("```python\n<x>\n```", "<pre>&lt;x&gt;\n</pre>"),
        ("|a|b|\n|-|-|\n|1|2|", "<td>1</td>"),
    ],
)
def test_markdown(text: str, expected: str) -> None:
    assert expected in prose(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](http://a.example/b.png)",
        "<img src=http://a.example/b.png>",
        "<script>alert(1)</script>",
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$$\style{position:fixed}{x}$$",
        r"$\text{&lt;script&gt;}$",
        r'$"><script>alert(1)</script>$',
        '```"><script>\nx\n```',
        "<!-- x --> <![CDATA[ y ]]> <?php z ?>",
        "a\u202eb\x1b[31m\0",
    ],
)
def test_hostile_markdown(text: str) -> None:
    assert_harmless(prose(text))


@tries(60)
@given(st.text(alphabet=list("$\\{}[]()<>!#*_`|&^~'\"-= \nax1/:"), max_size=80))
def test_any_markdown_is_harmless(text: str) -> None:
    assert_harmless(prose(text))


@tries(60)
@given(st.text(alphabet=list("\\{}[]()<>&^_'\"-=+ \nax1"), max_size=40), st.booleans())
def test_any_formula_is_harmless(latex: str, block: bool) -> None:
    assert_harmless(mathml(latex, block=block))


@pytest.mark.parametrize("latex", ["\\frac" * 900, "x^{" * 900, r"\left(", r"\def\a{\a\a}\a", "x" * 5_000])
def test_a_formula_that_cannot_be_set_stays_as_it_was_written(latex: str) -> None:
    assert mathml(latex) == f'<code class="formula">{html.escape(latex)}</code>'


def test_the_reference_answers_are_set_without_exception() -> None:
    source = (lab().root / "assignment" / "lab06.md").read_text()
    formulas = re.findall(r"\$\$(.+?)\$\$", source, flags=re.DOTALL)
    assert len(formulas) > 8
    assert not [formula for formula in formulas if "<math" not in mathml(formula, block=True)]


def test_formulas_hold_nothing_that_moves_or_colours_the_page() -> None:
    page = mathml(r"\hspace{-900em}x\rule{900em}{900em}\color{red}{y}\class{skip}{z}")
    assert "900em" not in page.replace(html.escape(r"\hspace{-900em}x\rule{900em}{900em}"), "")
    assert not [name for _, attributes in Elements(page).found for name in attributes if name != "alttext"]


# ---- figures -----------------------------------------------------------------------------------------


def test_figures_have_words_and_the_colours_of_the_page() -> None:
    svg = figures.curve("loss", "Loss <x>", [3.0, 1.5])
    assert "Loss &lt;x&gt;</title>" in svg
    assert "epoch 1: 3.000, epoch 2: 1.500</desc>" in svg
    assert "currentColor" in svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)
    assert svg == figures.curve("loss", "Loss <x>", [3.0, 1.5])


def test_figures_on_one_page_share_no_id() -> None:
    rows = [[1.0, 2.0]]
    drawn = [figures.heat_map(name, name, rows, (0, 2), "viridis") for name in "ab"]
    drawn += [figures.curve(name, name, [1, 2]) for name in "cd"]
    ids = re.findall(r' id="([^"]+)"', Markup("").join(drawn))
    assert len(ids) == len(set(ids)) > 10


# ---- the command -------------------------------------------------------------------------------------


def report(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


def test_each_submission_gets_its_page(tmp_path: Path) -> None:
    write(tmp_path, a_grade("ann"), a_grade("bea 100 %"))
    result = report(tmp_path)
    assert result.exit_code == 0, result.output
    for name in ("ann", "bea 100 %"):
        assert name in (tmp_path / name / "feedback.html").read_text()


def test_a_broken_grade_is_named_and_the_others_are_reported(tmp_path: Path) -> None:
    write(tmp_path, a_grade("ann"), a_grade("bea"), a_grade("cem"))
    (tmp_path / "bea" / "grade.json").write_text('{"schema": "convlab.grade/1"')
    (tmp_path / "cem" / "grade.json").write_text('{"schema": "convlab.grade/1"}')
    (tmp_path / "cem" / "feedback.html").write_text("of an earlier grade")
    result = report(tmp_path)
    assert result.exit_code == 2
    for name in ("bea", "cem"):
        assert f"{tmp_path / name / 'grade.json'}: " in result.output
        assert not (tmp_path / name / "feedback.html").exists()
    assert "Traceback" not in result.output
    assert (tmp_path / "ann" / "feedback.html").exists()
    assert "bea/grade.json" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_a_folder_without_grades(tmp_path: Path, what: str) -> None:
    folder = tmp_path / what
    if what == "empty":
        folder.mkdir()
    result = report(folder)
    assert result.exit_code == 2
    assert str(folder) in result.output
    assert "Traceback" not in result.output


def test_missing_libraries_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.report import commands

    write(tmp_path, a_grade("ann"))
    monkeypatch.setattr(commands, "find_spec", lambda name: None if name == "matplotlib" else name)
    result = report(tmp_path)
    assert result.exit_code == 2
    assert "pages need matplotlib: pip install matplotlib" in result.output


def test_a_page_that_cannot_be_written_is_an_error_and_leaves_no_rest(tmp_path: Path) -> None:
    write(tmp_path, a_grade("ann"))
    (tmp_path / "ann" / "feedback.html").mkdir()
    result = report(tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path / 'ann' / 'feedback.html'} cannot be written" in result.output
    assert sorted(entry.name for entry in (tmp_path / "ann").iterdir()) == ["feedback.html", "grade.json"]


def test_a_training_that_diverged_is_read_back_and_shown(tmp_path: Path) -> None:
    grade = next(g for g in (a_grade(str(n)) for n in range(20)) if g.training)
    assert grade.training
    fields = {"losses": (1.5, float("inf"), float("nan")), "accuracies": (0.1, 0.1, 0.1)}
    grade = grade.model_copy(update={"training": grade.training.model_copy(update=fields)})
    again = Grade.model_validate_json(grade.to_json())
    assert again.training
    assert again.training.losses[0] == 1.5
    page = page_of(again)
    assert_harmless(page)
    assert "epoch 1: 1.500, epoch 2: nan, epoch 3: nan" in page
