"""Pairs of submissions that are alike: what is found, what is left alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from alike import LOOP, RENAMED, UNFOLD, zipped
from click.testing import CliRunner
from harness import ROOT, lab
from made_up_class import a_grade, write

from autograder.cli import main
from autograder.report.similarity import MAX_TOKENS, Alikeness, compare, look, texts_of
from autograder.submission import open_submission

SHIFTED = """
def apply_convolution(img, kernel):
    total = 0
    for (di, dj), weight in __import__("numpy").ndenumerate(kernel.numpy()):
        down, right = img.shape[0] - kernel.shape[0] + di + 1, img.shape[1] - kernel.shape[1] + dj + 1
        total = total + float(weight) * img[di:down, dj:right]
    return total
"""


def code(text: str) -> dict[str, str]:
    return {"convolution.py": text}


def names(found: Alikeness) -> list[tuple[str, str]]:
    return [(pair.first, pair.second) for pair in found.pairs]


def stub() -> dict[str, str]:
    return texts_of(open_submission(ROOT / "student", lab()))


def test_a_copy_under_other_names_is_found() -> None:
    class_ = {"ann": code(LOOP), "bea": code(UNFOLD), "cem": code(RENAMED), "dan": code(SHIFTED)}
    found = compare(class_, {}, {})
    assert names(found) == [("ann", "cem")]
    (pair,) = found.pairs
    assert pair.share > 0.7
    assert "window * kernel" in pair.passages[0].first.text
    assert "part * kernel" in pair.passages[0].second.text
    assert pair.passages[0].first.place.startswith("convolution.py, lines ")
    assert (found.compared, found.known, found.more) == (4, 0, 0)


def test_the_order_of_submissions_and_functions_makes_no_difference() -> None:
    two = {"ann": code(LOOP + SHIFTED), "bea": code(SHIFTED + LOOP), "cem": code(UNFOLD)}
    forward, backward = (compare(dict(sorted(two.items(), reverse=turn)), {}, {}) for turn in (False, True))
    assert forward == backward
    assert names(forward) == [("ann", "bea")]


def test_what_the_stubs_hold_does_not_count() -> None:
    assert stub()["convolution.py"]
    found = compare({"ann": stub(), "bea": stub()}, {}, stub())
    assert found.pairs == ()


def test_what_most_of_a_class_writes_does_not_count() -> None:
    class_ = {f"student {n}": code(LOOP) for n in range(12)}
    assert compare(class_, {}, {}).pairs == ()
    copied = {**class_, "x": code(LOOP + SHIFTED), "y": code(SHIFTED + LOOP)}
    assert names(compare(copied, {}, {})) == [("x", "y")]


def test_short_texts_tell_nothing() -> None:
    line = code("def f(x):\n    return x.sum()\n")
    assert compare({"ann": line, "bea": line}, {}, {}).pairs == ()


def test_known_answers() -> None:
    class_ = {"ann": code(RENAMED), "bea": code(UNFOLD)}
    found = compare(class_, {"from the web": {"all.py": SHIFTED + LOOP + "print(1)\n" * 300}}, {})
    assert [(pair.first, pair.second, pair.known) for pair in found.pairs] == [("ann", "from the web", True)]
    assert found.known == 1


def test_written_answers_are_compared_by_words() -> None:
    text = (
        "The signs subtract what is left of a pixel from what is right of it, so flat areas give zero; the "
        "weights 1, 2, 1 smooth along the edge, and the length of the gradient does not depend on its sign."
    )
    mine = (
        "Edges are where the brightness changes fast. One filter looks along the rows, the other along the "
        "columns, and the root of both squares finds all directions."
    )
    found = compare(
        {
            "ann": {"q2_3": text},
            "bea": {"q2_3": text.upper().replace(" ", "\n")},
            "cem": {"q2_3": mine},
        },
        {},
        {},
    )
    assert names(found) == [("ann", "bea")]


def test_any_text_can_be_compared() -> None:
    pick = random.Random(1)
    noise = "".join(chr(pick.choice([*range(1, 300), 0xD800, 0x1F600])) for _ in range(3_000))
    odd = {
        "ann": code("def f(:\n" + "(" * 500),
        "bea": code("\0\f\r\n\t'''"),
        "cem": code(""),
        "dan": code(noise),
    }
    found = compare({**odd, "eve": code(noise)}, {}, {})
    assert names(found) == [("dan", "eve")]


def test_no_comment_pushes_a_copy_out() -> None:
    for padding in ("# " + "x" * 80_000, "# x\n" * 60_000, '"""' + "x" * 80_000 + '"""', "\n" * 80_000):
        padded = LOOP.replace("def ", f"{padding}\ndef ", 1)
        found = compare({"ann": code(LOOP), "bea": code(padded), "cem": code(UNFOLD)}, {}, {})
        assert names(found) == [("ann", "bea")]
        assert found.problems == ()


def test_what_is_too_long_to_be_compared_is_named() -> None:
    long = LOOP + "".join(f"x{n} = {n}\n" for n in range(MAX_TOKENS // 3))
    found = compare({"ann": {"q2_3": "a " * MAX_TOKENS}, "bea": code(long)}, {"web": code(long)}, {}, ["p"])
    part = "of convolution.py the first 30,000 words and signs"
    assert found.problems == ("p", f"compared in part: bea: {part}", f"compared in part: web: {part}")


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    folder = tmp_path / "handed in"
    folder.mkdir()
    zipped(folder / "ann.zip", LOOP)
    zipped(folder / "bea.zip", RENAMED)
    zipped(folder / "cem.zip", UNFOLD)
    (folder / "dan.zip").write_bytes(b"no zip")
    return folder


def test_submissions_are_opened_and_unreadable_ones_named(handed_in: Path, tmp_path: Path) -> None:
    known = tmp_path / "known"
    (known / "a repository").mkdir(parents=True)
    (known / "a repository" / "convolution.py").write_text(SHIFTED)
    (known / "page.py").write_text(UNFOLD)
    found = look(handed_in, known, lab())
    assert ("ann", "bea") in names(found)
    assert ("cem", "page.py") in names(found)
    assert (found.compared, found.known) == (3, 2)
    assert len(found.problems) == 1
    assert "dan.zip" in found.problems[0]


def test_two_submissions_of_one_name_are_both_compared(handed_in: Path) -> None:
    (handed_in / "ann").mkdir()
    (handed_in / "ann" / "convolution.py").write_text(SHIFTED)
    found = look(handed_in, None, lab())
    assert found.compared == 4
    assert [second for first, second in names(found) if first.startswith("ann~")] == ["bea"]


def test_the_report_lists_pairs_for_people(handed_in: Path, tmp_path: Path) -> None:
    out = write(tmp_path / "out", a_grade("ann"), a_grade("bea"))
    result = CliRunner().invoke(main, ["report", str(out), "--submissions", str(handed_in)])
    assert result.exit_code == 0, result.output
    page = (out / "report.html").read_text()
    assert "For people to look at" in page
    assert "part * kernel" in page
    grades = [(out / name / "grade.json").read_text() for name in ("ann", "bea")]
    assert grades == [a_grade("ann").to_json(), a_grade("bea").to_json()]
    assert "alike" not in (out / "ann" / "feedback.html").read_text()


@pytest.mark.parametrize("arguments", [("--known", "."), ("--submissions", "missing")])
def test_bad_usage(tmp_path: Path, arguments: tuple[str, str]) -> None:
    write(tmp_path, a_grade("ann"))
    result = CliRunner().invoke(main, ["report", str(tmp_path), *arguments])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
