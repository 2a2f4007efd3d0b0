"""The desk in a real browser, by keyboard only: marked, undone, commented, overridden; and the grades."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from interrupts import hears_ctrl_c
from made_up_class import ANSWER, a_grade, write
from test_browser import FLAGS, SCHEMES, WIDTHS, chromium
from test_browser import axe as axe_core  # noqa: F401  a fixture
from tries import THOROUGH, in_ci_but

from autograder.cli import main
from autograder.grade import Grade
from autograder.gradebook import Gradebook, HandedIn, Wish

pytest.importorskip("uvicorn", reason="no uvicorn: pip install uvicorn")
pytestmark = pytest.mark.slow


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PICTURE = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 1, 8, 0, 0, 0, 0))
PICTURE += _chunk(b"IDAT", zlib.compress(bytes(4))) + _chunk(b"IEND", b"")
"""Three pixels in a row."""
NAME = "0" * 32 + ".png"
COUNT = 12
MANY = 300 if THOROUGH else COUNT
WIDTH_OF_PHOTO = """(async () => {
    const photo = document.querySelector('.photo');
    if (photo === null) return 0;
    await photo.decode();
    return photo.naturalWidth;
})()"""
STATUS = "document.getElementById('status').textContent.startsWith('{}')"
MARKED = "document.getElementById('marked').textContent"


def a_class(out: Path, count: int) -> Path:
    for n in range(count):
        answer = "The same." if n % 4 == 3 else f"Answer {n}. {ANSWER}\n![sketch](attachment:{NAME})"
        write(out, a_grade(f"student-{n:03}", answer=answer))
    with Gradebook(out) as book:
        for n in range(count):
            name = f"student-{n:03}"
            grade = book.machine(name)
            assert grade is not None
            book.put(name, grade, HandedIn("d", {"model": f"x = {n}"}, {}, {NAME: PICTURE}))
    return out


class Running:
    """A desk that runs as `convlab desk` does."""

    def __init__(self, out: Path, who: str) -> None:
        words = [sys.executable, "-u", "-m", "autograder.cli", "desk", str(out), "--as", who]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, preexec_fn=hears_ctrl_c)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        self.url = found[0]

    def stop(self) -> None:
        self._process.send_signal(2)
        assert self._process.wait(60) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=FLAGS, timeout=180_000)
        yield started
        started.close()


@pytest.fixture
def out(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return a_class(tmp_path / "out", getattr(request, "param", COUNT))


@pytest.fixture
def start(out: Path) -> Iterator[Callable[[str], Running]]:
    running: list[Running] = []

    def started(who: str) -> Running:
        running.append(Running(out, who))
        return running[-1]

    yield started
    for one in running:
        one._process.kill()  # nothing where it has ended
        one._process.wait()


def tab_of(browser: Any, width: int = WIDTHS[1], scheme: str = "light") -> Any:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(60_000)
    tab = context.new_page()
    tab.heard = []
    tab.on("console", lambda message: tab.heard.append(message.text))
    tab.on("pageerror", lambda error: tab.heard.append(str(error)))
    return tab


def saved(tab: Any, text: str = "Saved") -> None:
    tab.wait_for_function("text => document.getElementById('status').textContent.startsWith(text)", arg=text)


def press(tab: Any, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def here_of(tab: Any) -> str:
    return str(tab.evaluate("document.getElementById('answer').dataset.save"))


def marks_of(out: Path, question: str = "q3_2") -> list[float | None]:
    """The points of all marks of a question, in their order."""
    marks = [mark for mark in Gradebook(out).marks().marks if mark.question == question]
    return [mark.points for mark in sorted(marks, key=lambda mark: mark.at)]


def next_one(tab: Any) -> None:
    """To the next unmarked answer, by its key."""
    here = here_of(tab)
    tab.keyboard.press("u")
    tab.wait_for_function("here => document.getElementById('answer').dataset.save !== here", arg=here)


def grade_of(out: Path, name: str) -> Grade:
    return Grade.model_validate_json((out / name / "grade.json").read_bytes())


@pytest.mark.parametrize("out", [MANY], indirect=True)
def test_a_class_is_marked_by_keyboard_only(browser: Any, out: Path, start: Callable[[str], Running]) -> None:
    desk = start("Eva")
    tab = tab_of(browser)
    tab.goto(f"{desk.url}mark/q2_3")
    widths = set()
    for n in range(MANY):
        widths.add(tab.evaluate(WIDTH_OF_PHOTO))
        press(tab, "1", "2")
        if not n % 10:  # otherwise each key follows the last as fast as it can
            saved(tab)
        press(tab, "Shift+Digit3")
        if n == 0:
            press(tab, "c")
            tab.keyboard.type("Mind the signs.")
            press(tab, "Escape")
        tab.wait_for_function(f"() => {MARKED} === '{n + 1} of {MANY} marked'")
        if n + 1 < MANY:
            next_one(tab)
    assert widths == {0, 3}
    press(tab, "u")
    saved(tab, "No other answer is left")
    # the last one again: cleared, undone; then an old comment
    press(tab, "w")
    saved(tab, "Not marked")
    press(tab, "z")
    saved(tab, "Undone")
    press(tab, "r", "ArrowDown", "Tab")
    saved(tab)
    press(tab, "x")
    tab.wait_for_selector("pre.code")
    # points instead of the checks', with a reason
    tab.goto(f"{desk.url}mark/q2_2")
    press(tab, "p")
    tab.keyboard.type("7.5")
    press(tab, "Escape")
    saved(tab, "Not saved: Give the reason")
    press(tab, "c")
    tab.keyboard.type("A slip in the data.")
    press(tab, "Escape")
    saved(tab)
    assert [text for text in tab.heard if "status of 400" not in text] == []
    desk.stop()
    marks = Gradebook(out).marks()
    overridden = next(mark for mark in marks.marks if mark.question == "q2_2" and mark.points is not None)
    for n in range(MANY):
        question = grade_of(out, f"student-{n:03}").question("q2_3")
        assert question.score == 2.5, n
        assert question.marked is not None
        assert question.marked.items == ("difference", "directions", "smoothing/2")
    comments = [grade_of(out, f"student-{n:03}").question("q2_3").comment for n in range(MANY)]
    assert comments.count("Mind the signs.") == 2
    # the points are wherever points are
    assert CliRunner().invoke(main, ["report", str(out)]).exit_code == 0
    name = overridden.submission
    rows = {row["submission"]: row for row in csv.DictReader(io.StringIO((out / "grades.csv").read_text()))}
    assert (rows[name]["q2_2"], rows[name]["q2_3"]) == ("7.5", "2.5")
    page = (out / name / "feedback.html").read_text()
    assert "A slip in the data." in page
    total = grade_of(out, name).score
    assert json.loads((out / name / "results.json").read_text())["score"] == total
    for table in ("grades-canvas.csv", "grades-gradescope.csv"):
        assert f"{total:g}" in (out / table).read_text()


async def mark_all(browser: Any, url: str) -> int:
    """Give every answer that is open all points, by two keys; how many that were."""
    tab = await browser.new_page()
    tab.set_default_timeout(60_000)
    await tab.goto(url)
    given = 0
    while True:
        if not await tab.evaluate("document.getElementById('given').textContent.includes('points')"):
            await tab.keyboard.press("f")
            await tab.wait_for_function(f"() => {STATUS.format('Saved')}")
            given += 1
        here = await tab.evaluate("document.getElementById('answer').dataset.save")
        await tab.keyboard.press("u")
        moved = "document.getElementById('answer').dataset.save !== here"
        await tab.wait_for_function(f"here => {moved} || {STATUS.format('No other answer')}", arg=here)
        if await tab.evaluate(STATUS.format("No other answer")):
            return given


@pytest.mark.parametrize("out", [MANY], indirect=True)
def test_two_mark_at_the_same_time(out: Path, start: Callable[[str], Running]) -> None:
    """Two desks, two browsers: each answer is marked by one of them, once."""
    playwright = pytest.importorskip("playwright.async_api", reason="no playwright: pip install playwright")
    path, desks = chromium(), [start("Eva"), start("Max")]

    async def both() -> list[int]:
        async with playwright.async_playwright() as driver:
            started = await driver.chromium.launch(executable_path=path, args=FLAGS, timeout=180_000)
            return list(await asyncio.gather(*(mark_all(started, f"{desk.url}mark/q3_1") for desk in desks)))

    with ThreadPoolExecutor(1) as thread:  # the other tests' browser has an event loop in this one
        given = thread.submit(asyncio.run, both()).result()
    for desk in desks:
        desk.stop()
    scores = [grade_of(out, f"student-{n:03}").question("q3_1").score for n in range(MANY)]
    assert scores == [5] * MANY
    marks = [mark for mark in Gradebook(out).marks().marks if mark.question == "q3_1"]
    assert len(marks) == len({mark.submission for mark in marks}) == MANY
    assert {mark.who for mark in marks} == {"Eva", "Max"}
    assert min(given) > 0
    assert sum(given) >= MANY


@pytest.mark.parametrize(("width", "scheme"), list(zip(WIDTHS, SCHEMES, strict=True)))
def test_accessible_and_no_wider_than_the_window(
    browser: Any,
    start: Callable[[str], Running],
    axe_core: str,  # noqa: F811
    width: int,
    scheme: str,
) -> None:
    desk = start("Eva")
    tab = tab_of(browser, width, scheme)
    for page in ("", "mark/q2_3", "mark/q2_2", "search/q2_3?q=sobel"):
        tab.goto(desk.url + page)
        if "mark/" in page:
            press(tab, "x")
            tab.wait_for_selector("#code")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tab.evaluate(wide) <= 0, page
        # axe is handed in by the browser's debugger, which the page's policy does not bind
        tab.evaluate(axe_core)
        found = tab.evaluate("axe.run()")
        assert found["passes"]
        told = [(broken["id"], broken["nodes"][0]["html"][:200]) for broken in found["violations"]]
        assert told == [], page
    assert tab.heard == []


def test_nothing_is_lost_when_the_desk_is_killed(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    desk = start("Eva")
    tab = tab_of(browser)
    tab.goto(f"{desk.url}mark/q3_2")
    press(tab, "f")
    saved(tab)
    desk._process.kill()
    press(tab, "0")
    saved(tab, "Not saved: the desk does not answer")
    with Gradebook(out):
        pass
    scores = [grade_of(out, f"student-{n:03}").question("q3_2").score for n in range(COUNT)]
    assert sorted(scores) == [0] * (COUNT - 1) + [6]


@pytest.mark.parametrize("key", in_ci_but(4, "unbz"))
def test_what_was_typed_and_cannot_be_saved_is_not_left_behind(
    browser: Any, start: Callable[[str], Running], key: str
) -> None:
    tab = tab_of(browser)
    tab.goto(f"{start('Eva').url}mark/q2_3")
    next_one(tab)
    here = here_of(tab)
    for field, text, said in (("c", "well argued", "Give points too"), ("p", "99", "Points go from 0 to")):
        press(tab, field)
        tab.keyboard.type(text)
        press(tab, "Escape")
        saved(tab, said)
        tab.wait_for_timeout(400)
        press(tab, key)
        saved(tab, said)
        assert here_of(tab) == here
        assert tab.evaluate("document.getElementById('comment').value") == "well argued"
    press(tab, "p")
    tab.keyboard.type("1")
    press(tab, "Escape")
    saved(tab)


SLOW = """const fast = window.fetch;
window.fetch = async (address, ...more) => {
    if (String(address).includes('part=')) await new Promise((done) => setTimeout(done, 700));
    return fast(address, ...more);
};"""
"""Each page takes its time; what is sent does not."""


AT_ONCE = """() => {{
    const press = (key) => new KeyboardEvent('keydown', {{ key, bubbles: true }});
    for (const key of '{}') document.activeElement.dispatchEvent(press(key));
}}"""
"""These keys, one right after the other, before anything else can happen."""


def test_keys_that_are_pressed_while_the_next_answer_comes_are_for_that_one(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    tab.add_init_script(SLOW)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    press(tab, "f", "u", "p", "1", "Escape", "u", "0", "u", "p", "2", "Escape")
    tab.wait_for_function(f"() => {MARKED} === '4 of {COUNT} marked'")
    assert marks_of(out) == [6, 1, 0, 2]
    assert len({mark.submission for mark in Gradebook(out).marks().marks}) == 4


def test_no_key_of_a_refused_move_counts(browser: Any, out: Path, start: Callable[[str], Running]) -> None:
    tab = tab_of(browser)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    press(tab, "p")
    tab.keyboard.type("99")
    press(tab, "Escape")
    saved(tab, "Points go from 0 to")
    tab.evaluate(AT_ONCE.format("uf"))
    tab.wait_for_timeout(500)
    assert marks_of(out) == []


def test_who_types_into_a_field_during_a_move_stays(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    tab.add_init_script(SLOW.replace("700", "4000"))
    tab.goto(f"{start('Eva').url}mark/q3_2")
    here = here_of(tab)
    press(tab, "f")
    saved(tab)
    press(tab, "n")
    tab.click("#comment")
    tab.keyboard.type("well, fine", delay=120)
    saved(tab, "Saved")
    assert here_of(tab) == here
    assert tab.evaluate("document.getElementById('comment').value") == "well, fine"
    assert marks_of(out)[0] == 6
    assert len({mark.submission for mark in Gradebook(out).marks().marks}) == 1
    press(tab, "Escape")
    end = time.monotonic() + 60
    while Gradebook(out).marks().marks[-1].comment != "well, fine" and time.monotonic() < end:
        tab.wait_for_timeout(100)
    assert Gradebook(out).marks().marks[-1].comment == "well, fine"


def test_what_was_typed_stays_where_someone_else_marked_meanwhile(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    press(tab, "p")
    tab.keyboard.type("1")
    press(tab, "Escape")
    saved(tab)
    here = here_of(tab)
    book = Gradebook(out)
    (mine,) = [mark for mark in book.marks().marks if mark.question == "q3_2"]
    book.mark([Wish(mine.submission, "q3_2", 4, "by another", seen=frozenset({mine.id}))], "Max")
    press(tab, "c")
    tab.keyboard.type("nice proof 0k", delay=100)
    saved(tab, "Not saved: marked by someone else meanwhile")
    press(tab, "Escape", "n")
    tab.wait_for_timeout(400)
    assert here_of(tab) == here
    assert tab.evaluate("document.getElementById('comment').value") == "nice proof 0k"
    assert tab.evaluate("document.getElementById('points').value") == "4"
    assert marks_of(out) == [1, 4]
    tab.click("#save")
    saved(tab)
    assert marks_of(out) == [1, 4, 4]
    assert Gradebook(out).marks().marks[-1].comment == "nice proof 0k"


def test_after_a_save_that_failed_the_next_ones_are_made_or_told(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    press(tab, "f")
    saved(tab)
    (mark,) = [mark for mark in Gradebook(out).marks().marks if mark.question == "q3_2"]
    grade = out / mark.submission / "grade.json"
    kept = grade.rename(out / "kept.json")
    press(tab, "0")
    saved(tab, "Not saved: ")
    for _ in range(2):
        tab.evaluate("document.getElementById('status').textContent = ''")
        press(tab, "f")
        saved(tab, "Not saved: ")
    kept.rename(grade)
    tab.wait_for_timeout(1100)
    press(tab, "0")
    saved(tab, "Saved")
    assert marks_of(out) == [6, 0]


def test_another_name_for_who_marks_is_taken(browser: Any, start: Callable[[str], Running]) -> None:
    tab = tab_of(browser)
    tab.goto(start("Eva").url)
    tab.evaluate(
        "document.querySelector('form[action$=marker]').closest('details')?.setAttribute('open', '')"
    )
    tab.fill("input[name=who]", "Max")
    tab.press("input[name=who]", "Enter")
    tab.wait_for_load_state()
    assert "Another site" not in tab.content()
    assert tab.input_value("input[name=who]") == "Max"


def test_no_key_counts_where_there_is_nothing_to_undo(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    tab.evaluate(AT_ONCE.format("zf"))
    saved(tab, "nothing to undo")
    tab.wait_for_timeout(400)
    assert marks_of(out) == []


def test_a_key_taken_back_during_a_move_does_not_count(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    tab.add_init_script(SLOW)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    press(tab, "n", "p", "2", "Backspace", "1", "Escape")
    saved(tab, "Saved")
    assert marks_of(out) == [1]


def test_an_old_comment_is_chosen_by_keys(browser: Any, out: Path, start: Callable[[str], Running]) -> None:
    names = [f"student-{n:03}" for n in range(2)]
    Gradebook(out).mark([Wish(names[0], "q3_2", 1, "first c"), Wish(names[1], "q3_2", 1, "second c")], "Max")
    tab = tab_of(browser)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    press(tab, "f")
    saved(tab)
    press(tab, "r", "ArrowDown", "ArrowDown", "Tab")
    saved(tab)
    tab.wait_for_timeout(500)
    assert tab.evaluate("document.getElementById('comment').value") in ("first c", "second c")


def test_undo_in_another_question_shows_that_question(
    browser: Any, out: Path, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    desk = start("Eva")
    tab.goto(f"{desk.url}mark/q3_2")
    press(tab, "f")
    saved(tab)
    tab.goto(f"{desk.url}mark/q3_1")
    press(tab, "z")
    tab.wait_for_url("**/mark/q3_2/*")
    saved(tab, "Undone: q3_2")
    assert "q3_2" in tab.title()


def test_back_during_a_move_leaves_address_and_answer_the_same(
    browser: Any, start: Callable[[str], Running]
) -> None:
    tab = tab_of(browser)
    tab.goto(f"{start('Eva').url}mark/q3_2")
    next_one(tab)
    tab.evaluate(SLOW.replace("const fast", "var fast"))
    press(tab, "f")
    saved(tab)
    press(tab, "n")
    tab.evaluate("history.back()")
    tab.wait_for_timeout(1500)
    assert tab.url.endswith(here_of(tab))
