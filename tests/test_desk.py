"""The marking desk over HTTP: who is let in, what a page shows, what is kept."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harness import lab
from made_up_class import ANSWER, HOSTILE, a_grade, write

from autograder.cli import main
from autograder.grade import Grade, Student, Verdict
from autograder.gradebook import Gradebook, HandedIn, Wish

pytest.importorskip("starlette", reason="no starlette: pip install starlette")
pytest.importorskip("uvicorn", reason="no uvicorn: pip install uvicorn")
import uvicorn
from starlette.testclient import TestClient

from autograder.desk.app import application
from autograder.desk.room import Desk, _Words

HOST = "http://127.0.0.1:7777"
NAMES = ("ann", "bea", "cem", "dan", "eva")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    grades = [a_grade(name, answer=f"{name} says: {ANSWER}") for name in NAMES[:3]]
    return write(tmp_path / "out", *grades, *(a_grade(n, answer="The  same, answer!") for n in NAMES[3:]))


def browser(out: Path, who: str = "Eva", names: bool = False, **headers: str) -> TestClient:
    app = application(Desk(out, lab(), "salt"), "tok", ["127.0.0.1:7777", "localhost:7777"], who, names)
    return TestClient(app, base_url=HOST, headers=headers, follow_redirects=False)


@pytest.fixture
def desk(out: Path) -> Iterator[TestClient]:
    with browser(out) as client:
        yield client


def answers(client: TestClient, question: str = "q2_3") -> list[str]:
    """The addresses of all answers in this marker's order."""
    page = client.get(f"/tok/mark/{question}", follow_redirects=True).text
    while before := re.search('data-previous="([^"]+)"', page):
        page = client.get(before[1]).text
    found = [re.search('data-save="([^"]*)"', page)[1]]  # type: ignore[index]
    while following := re.search('data-next="([^"]+)"', page):
        found.append(following[1])
        page = client.get(following[1]).text
    return found


def facts(client: TestClient, url: str) -> dict[str, str]:
    article = client.get(url).text.split("<article", 1)[1].split(">", 1)[0]
    return dict(re.findall(r'data-(\w+)="([^"]*)"', article))


def give(client: TestClient, url: str, points: float | None, **more: Any) -> dict[str, Any]:
    found = facts(client, url)
    asked = {
        "points": points,
        "answer": found["answer"],
        "seen": found["seen"].split(),
        "most": float(found["most"]),
        "comment": "",
        **more,
    }
    reply = client.post(url, json=asked)
    return {"status": reply.status_code, **reply.json()}


def url_of(out: Path, client: TestClient, name: str, question: str = "q2_3") -> str:
    desk = Desk(out, lab(), "salt")
    return next(f"/tok/mark/{question}/{e.key}" for e in desk.order("x", question) if e.name == name)


def grade_of(out: Path, name: str) -> Grade:
    return Grade.model_validate_json((out / name / "grade.json").read_bytes())


# ---- who is let in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/tok/", {}, 200),
        ("/tok/", {"host": "localhost:7777"}, 200),
        ("/tok/", {"sec-fetch-site": "none"}, 200),
        ("/tok/", {"sec-fetch-site": "same-origin", "origin": HOST}, 200),
        ("/", {}, 403),
        ("/tok", {}, 403),
        ("/other/", {}, 403),
        ("/tok/", {"host": "evil.example"}, 403),
        ("/tok/", {"host": "127.0.0.1"}, 403),
        ("/tok/", {"sec-fetch-site": "cross-site"}, 403),
        ("/tok/", {"sec-fetch-site": "same-site"}, 403),
        ("/tok/", {"origin": "http://127.0.0.1:8888"}, 403),
        ("/tok/", {"origin": "null"}, 403),
    ],
)
def test_who_is_let_in(desk: TestClient, path: str, headers: dict[str, str], status: int) -> None:
    reply = desk.get(path, headers=headers)
    assert reply.status_code == status
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    assert reply.headers["referrer-policy"] == "same-origin"


def test_no_mark_comes_from_another_site(out: Path, desk: TestClient) -> None:
    url = answers(desk)[0]
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert desk.post(url, json={"points": 1}, headers=headers).status_code == 403
    assert not Gradebook(out).marks().marks


def test_the_cookie_stays_here(desk: TestClient) -> None:
    reply = desk.post("/tok/marker", content="who=Max%20M.")
    assert "HttpOnly" in reply.headers["set-cookie"]
    assert "SameSite=strict" in reply.headers["set-cookie"]
    assert 'value="Max M."' in desk.get("/tok/").text


# ---- what is shown -----------------------------------------------------------------------------------


def test_names_are_hidden_unless_asked_for(out: Path, desk: TestClient) -> None:
    pages = [desk.get(url).text for url in answers(desk)]
    pages += [desk.get("/tok/search/q2_3?q=same").text, desk.get("/tok/").text]
    assert not [name for name in NAMES[3:] for page in pages if re.search(rf"\b{name}\b", page)]
    with browser(out, names=True) as named:
        assert [n for n in NAMES if any(f": {n}" in named.get(url).text for url in answers(named))] == [
            *NAMES
        ]


def test_each_marker_has_an_order_of_their_own(out: Path) -> None:
    orders = []
    for who in ("Eva", "Max", "Zoe", "Eva"):
        with browser(out, who) as client:
            orders.append(answers(client))
            assert len(set(orders[-1])) == len(NAMES)
    assert orders[0] == orders[3]
    assert len({tuple(order) for order in orders}) > 1


def test_answers_are_rendered_and_harmless(tmp_path: Path) -> None:
    out = write(tmp_path, a_grade("ann", answer=HOSTILE + ANSWER))
    with browser(out) as client:
        page = client.get(answers(client)[0]).text
    assert "<math" in page
    assert "<script>alert" not in page
    assert "<img" not in page


def test_pictures_are_shown_and_nothing_else_is_served(out: Path) -> None:
    name = "0" * 32 + ".png"
    picture = b"\x89PNG\r\n\x1a\n" + bytes(40)
    work = HandedIn("d", {"model": "x = '<b>'"}, {}, {name: picture})
    with Gradebook(out) as book:
        book.put("ann", a_grade("ann", answer=f"see ![my sketch](attachment:{name})"), work)
    with browser(out) as client:
        url = url_of(out, client, "ann")
        page = client.get(url).text
        source = re.search('<img class="photo" src="([^"]*)" alt="my sketch">', page)
        assert source is not None
        reply = client.get(source[1])
        assert (reply.content, reply.headers["content-type"]) == (picture, "image/png")
        for other in ("grade.json", "..%2Fgrade.json", "1" * 32 + ".png", "0" * 32 + ".svg"):
            assert client.get(source[1].replace(name, other)).status_code == 404
        assert "x = &#39;&lt;b&gt;&#39;" in client.get(url.replace("/mark/", "/work/")).text


def test_failed_checks_are_a_key_away(out: Path, desk: TestClient) -> None:
    failing = next(n for n in NAMES if any(c.message for q in grade_of(out, n).questions for c in q.checks))
    work = desk.get(url_of(out, desk, failing).replace("/mark/", "/work/")).text
    assert "Checks that did not pass" in work
    assert "<pre>" in work


def test_the_rubric_has_items_to_tick(desk: TestClient) -> None:
    page = desk.get(answers(desk)[0]).text
    assert page.count('name="item"') == 2 * 4
    assert "Opposite sides are subtracted" in page
    assert "Not for:" in page


# ---- what is kept ------------------------------------------------------------------------------------


def test_a_mark_is_kept_at_once_and_reaches_the_grade(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann")
    told = give(desk, url, 1.5, items=["difference", "length/2"], comment="well")
    assert (told["status"], told["points"], told["progress"]) == (200, 1.5, "1 of 5 marked")
    (mark,) = Gradebook(out).marks().marks
    assert (mark.who, mark.via, mark.items) == ("Eva", "desk", ("difference", "length/2"))
    page = desk.get(url).text
    assert 'value="difference" data-points="1.0" checked' in page
    assert 'value="length/2" data-points="0.5" checked' in page
    desk.__exit__()
    question = grade_of(out, "ann").question("q2_3")
    assert (question.score, question.comment) == (1.5, "well")
    desk.__enter__()


def test_undo_goes_back_step_by_step(out: Path, desk: TestClient) -> None:
    first, second = answers(desk)[:2]
    give(desk, first, 1)
    give(desk, first, 2, comment="two")
    give(desk, second, 3)
    for _ in range(4):
        told = desk.post("/tok/undo", headers={"content-type": "application/json"}).json()
    assert told["told"] == "nothing to undo"
    assert [mark.points for mark in Gradebook(out).marks().marks] == [1, 2, 3, None, 1, None]
    assert "not marked" in desk.get(first).text


def test_a_mark_of_someone_else_is_not_overwritten_unseen(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann")
    before = facts(desk, url)
    Gradebook(out).mark([Wish("ann", "q2_3", 4, "mine")], "Max")
    reply = desk.post(url, json={"points": 1, "answer": before["answer"], "seen": [], "most": 4})
    assert reply.status_code == 409
    assert "marked by someone else meanwhile (q2_3 4 by Max" in reply.json()["why"]
    assert give(desk, url, 1)["status"] == 200


def test_an_answer_that_changed_meanwhile(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann")
    before = facts(desk, url)
    give(desk, url, 2)
    with Gradebook(out) as book:
        book.put("ann", a_grade("ann", answer="another"))
    reply = desk.post(url, json={"points": 1, "answer": before["answer"], "seen": [], "most": 4})
    assert (reply.status_code, reply.json()["why"]) == (
        409,
        "the answer is no longer the one that was marked",
    )
    with browser(out) as client:
        assert (
            "This was marked before, but the answer changed: it is to be marked again."
            in client.get(url).text
        )


def test_the_same_answers_are_marked_together(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "dan")
    assert "also for 1 equal answer<" in desk.get(url).text
    told = give(desk, url, 2, comment="both", together=True)
    assert told["told"] == "Saved, and 1 more with it."
    give(desk, url, 3, comment="both", together=True)
    heads = {name: Desk(out, lab()).ledger.of(name, "q2_3")[-1].points for name in ("dan", "eva")}
    assert heads == {"dan": 3, "eva": 3}
    desk.post("/tok/undo", headers={"content-type": "application/json"})
    assert [Gradebook(out).marks().of(name, "q2_3")[-1].points for name in ("dan", "eva")] == [2, 2]


@pytest.mark.parametrize(
    ("first", "second", "equal", "nearly"),
    [
        ("(a+b)*c", "a+(b*c)", False, True),
        ("a * b", "a b", False, True),
        ("n_1", "n1", False, False),
        ("f' is 0.", "f is 0", False, True),
        ("n! is more than 2", "n is more than 2", False, True),
        ("a 1.5 is more than 2", "a 15 is more than 2", False, False),
        ("x - y", "x + y", False, False),
        ("one two three one two", "two three one two three", False, True),
        ("***", "+++", False, False),
        ("Blurred,  it is\n(a+b)*c: so.", "blurred it is (a + b) * c, so", True, True),
    ],
)
def test_answers_are_equal_where_every_sign_is(first: str, second: str, equal: bool, nearly: bool) -> None:
    one, other = _Words.of(first), _Words.of(second)
    assert (one.all == other.all, one.nearly(other)) == (equal, nearly)


def test_an_override_needs_a_reason_that_the_student_reads(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann", "q2_2")
    assert "The checks gave" in desk.get(url).text
    assert give(desk, url, 9)["why"].startswith("Give the reason too")
    assert give(desk, url, 9, comment="The data had a slip.")["status"] == 200
    grade = Gradebook(out).grade("ann")
    assert grade is not None
    assert (grade.question("q2_2").score, grade.question("q2_2").verdict) == (9, Verdict.GRADED)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"points": 5}, "5 is not between 0 and the maximum, 4"),
        ({"points": -1}, "-1 is not between 0"),
        ({"points": "many"}, "Points are a number."),
        ({"points": 1, "items": "x"}, "not complete"),
        ({"points": 1, "comment": 7}, "not complete"),
        ([], "not complete"),
        ({"points": 1, "comment": "x" * 300_000}, "too long"),
    ],
)
def test_what_is_no_mark_is_refused(out: Path, desk: TestClient, asked: Any, why: str) -> None:
    url = answers(desk)[0]
    if isinstance(asked, dict):
        asked = {"answer": facts(desk, url)["answer"], "seen": [], "most": 4, **asked}
    reply = desk.post(url, json=asked)
    assert reply.status_code in (400, 409)
    assert why in reply.json()["why"]
    assert not Gradebook(out).marks().marks


def test_the_forms_work_without_scripts(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann")
    answer = facts(desk, url)["answer"]
    reply = desk.post(
        url, content=f"answer={answer}&seen=&most=4.0&item=difference&item=length%2F2&points=&comment=ok"
    )
    assert reply.status_code == 303
    assert reply.headers["location"].startswith("/tok/mark/q2_3/")
    (mark,) = Gradebook(out).marks().marks
    assert (mark.points, mark.comment) == (1.5, "ok")


def test_a_comment_without_points_is_not_lost_without_scripts(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann")
    sent = f"answer={facts(desk, url)['answer']}&most=4.0&points=&comment="
    reply = desk.post(url, content=f"{sent}only+words&seen=")
    assert reply.status_code == 400
    assert "Not saved: a comment is kept with points only. Go back" in reply.text
    give(desk, url, 1, comment="ok")
    (mark,) = Gradebook(out).marks().marks
    assert desk.post(url, content=f"{sent}ok&seen={mark.id}").status_code == 303  # takes the points back
    assert Gradebook(out).marks().marks[-1].points is None


def test_two_markers_see_who_is_at_what(out: Path) -> None:
    with browser(out, "Eva") as eva, browser(out, "Max") as max_:
        url = url_of(out, eva, "ann")
        eva.get(url)
        page = max_.get(url).text
        assert "Eva is at this answer too." in page
        assert "Here too: Eva (q2_3)." in max_.get("/tok/").text
        first = max_.get("/tok/mark/q2_3").headers["location"]
        eva.get(first)
        assert max_.get("/tok/mark/q2_3").headers["location"] != first


def test_search_and_comments_given_before(out: Path, desk: TestClient) -> None:
    give(desk, url_of(out, desk, "ann"), 1, comment="mind the signs")
    assert desk.get("/tok/search/q2_3?q=SAME").text.count('<a href="/tok/mark/') == 2 + 1
    assert "1 answer<" in desk.get("/tok/search/q2_3?q=the+signs").text
    assert '<option value="mind the signs">' in desk.get(url_of(out, desk, "bea")).text


def test_the_desk_opens_while_a_class_is_graded(out: Path) -> None:
    with Gradebook(out), browser(out) as client:
        assert give(client, url_of(out, client, "ann"), 2)["status"] == 200
    assert grade_of(out, "ann").question("q2_3").score == 2


def test_withdrawn_answers_and_broken_grades_are_passed_over(out: Path) -> None:
    write(out, a_grade("dan").model_copy(update={"student": Student(id="4711")}))
    wishes = [Wish(name, kind="withdrawn", points=1, comment="left the course") for name in ("ann", "4711")]
    Gradebook(out).mark(wishes, "Eva")
    (out / "bea" / "grade.json").write_text("{}")
    with browser(out) as client:
        assert len(answers(client)) == 2


def test_a_desk_that_runs_follows_what_comes_and_goes(out: Path) -> None:
    desk = Desk(out, lab(), "salt")

    def there() -> list[str]:
        desk.look(at_once=True)
        return sorted(entry.name for entry in desk.order("Eva", "q2_3"))

    assert there() == sorted(NAMES)
    write(out, a_grade("fay", answer=ANSWER))
    assert there() == sorted([*NAMES, "fay"])
    Gradebook(out).mark([Wish("ann", kind="withdrawn", points=1, comment="left the course")], "Eva")
    assert there() == sorted([*NAMES[1:], "fay"])
    (out / "bea" / "grade.json").unlink()
    assert there() == sorted([*NAMES[2:], "fay"])
    with Gradebook(out) as book:
        book.put("fay", a_grade("fay", answer="another"))
    assert there() == sorted([*NAMES[2:], "fay"])
    assert {e.name: e.question.answer for e in desk.order("Eva", "q2_3")}["fay"] == "another"


def test_the_command_names_what_is_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["desk", str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no <submission>/grade.json" in result.output


def test_a_mark_against_a_maximum_that_is_no_longer_so_is_refused(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann")
    told = give(desk, url, 4, most=3)
    assert (told["status"], told["why"]) == (409, "the maximum is 4 now, no longer 3")
    assert not Gradebook(out).marks().marks


def test_equal_answers_go_with_this_one(out: Path) -> None:
    """They get no mark where this one's is refused: it was decided on something that is no longer so."""
    for name in ("ann", "bea"):
        write(out, a_grade(name, answer="The same."))
    with browser(out) as client:
        url = url_of(out, client, "ann")
        before = facts(client, url)
        Gradebook(out).mark([Wish("ann", "q2_3", 4, "mine")], "Max")
        asked = {"points": 1, "answer": before["answer"], "seen": [], "most": 4, "together": True}
        assert client.post(url, json=asked).status_code == 409
        assert [mark.submission for mark in Gradebook(out).marks().marks] == ["ann"]


def test_equal_answers_that_others_marked_by_themselves_keep_their_marks(out: Path) -> None:
    for name in ("ann", "bea", "cem"):
        write(out, a_grade(name, answer="The same."))
    book = Gradebook(out)
    for name, who in (("ann", "Ann"), ("bea", "Ben")):
        book.mark([Wish(name, "q2_3", 3, "fine")], who)
    with browser(out) as client:
        assert give(client, url_of(out, client, "ann"), 1, together=True)["status"] == 200
    points = {mark.submission: mark.points for mark in Gradebook(out).marks().marks}
    assert points == {"ann": 1, "bea": 3, "cem": 1}


@pytest.mark.slow
def test_a_database_that_cannot_be_read_is_a_sentence(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "ann")
    (out / "marks.sqlite").write_bytes(b"no database" * 1_000)
    for place in ("/tok/", "/tok/mark/q2_3", url, url.replace("mark", "unmarked", 1)):
        time.sleep(1.1)
        reply = desk.get(place)
        assert reply.status_code == 503, place
        assert "marks.sqlite" in reply.text
        assert "Traceback" not in reply.text


def test_small_packets_are_sent_at_once(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncio turns Nagle's algorithm off where a socket names TCP; else each answer waits for 40 ms."""
    protocols: list[int] = []

    def run(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        protocols.extend(one.proto for one in sockets)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    done = CliRunner().invoke(main, ["desk", str(out)])
    assert done.exit_code == 0, done.output
    assert protocols == [socket.IPPROTO_TCP]


# ---- what a page must not say, and must not take ---------------------------------------------------------


def test_no_message_of_a_conflict_names_a_submission(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "bea")
    before = facts(desk, url)
    Gradebook(out).mark([Wish("bea", "q2_3", 1, "hm")], "Max")
    asked = {
        "points": 2,
        "answer": before["answer"],
        "seen": before["seen"].split(),
        "most": 4,
        "comment": "",
    }
    reply = desk.post(url, json=asked)
    assert reply.status_code == 409
    assert "marked by someone else meanwhile (q2_3 1 by Max on" in reply.json()["why"]
    assert "bea" not in reply.text
    form = {"points": "2", "answer": before["answer"], "seen": "", "most": "4.0", "comment": ""}
    assert "bea" not in desk.post(url, data=form).text


def test_undoing_a_mark_that_was_replaced_names_no_submission(out: Path, desk: TestClient) -> None:
    url = url_of(out, desk, "bea")
    assert give(desk, url, 2)["status"] == 200
    Gradebook(out).mark([Wish("bea", "q2_3", 1)], "Max")
    told = desk.post("/tok/undo", headers={"content-type": "application/json"}).json()
    assert "q2_3 1 by Max" in told["told"]
    assert "bea" not in told["told"]


@pytest.mark.parametrize("lacking", ["answer", "seen", "most", ""])
def test_a_request_that_does_not_say_what_was_seen_changes_nothing(
    out: Path, desk: TestClient, lacking: str
) -> None:
    url = url_of(out, desk, "bea")
    assert give(desk, url, 2)["status"] == 200
    found = facts(desk, url)
    whole = {"points": None, "answer": found["answer"], "seen": found["seen"].split(), "most": 4}
    asked = {name: value for name, value in whole.items() if lacking and name != lacking}
    assert desk.post(url, json=asked).status_code == 400
    assert len(Gradebook(out).marks().marks) == 1


def test_items_that_no_rubric_has_are_refused(out: Path, desk: TestClient) -> None:
    reply = give(desk, url_of(out, desk, "bea"), 2, items=["nothing/2"])
    assert (reply["status"], reply["why"]) == (400, "The rubric has no item 'nothing/2'.")
