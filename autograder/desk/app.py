"""The desk as a web application, for browsers on this machine that know its token, and no others."""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote

import anyio
from jinja2 import Environment
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from autograder.desk.room import Desk, Entry, taken
from autograder.errors import ConvlabError
from autograder.grade import Verdict
from autograder.gradebook import Mark, Wish
from autograder.gradebook.book import SHARE
from autograder.gradebook.marks import MAX_WHO
from autograder.gradebook.names import PICTURES
from autograder.lab.rubric import HALF, earned
from autograder.report.html import environment
from autograder.report.prose import prose
from autograder.report.written import number
from autograder.submission.pictures import NAME as PICTURE
from autograder.text import one_line, points

COOKIE = "marker"
MAX_BODY = 256 << 10
SETTLE_SECONDS = 3.0
REST_SECONDS = 60.0
"""No later than this after a mark, the files are brought up to date."""
HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; "
    b"img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",  # with none at all, a browser does not say whose its forms are
    b"cache-control": b"no-store",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}
Handler = Callable[[Request], Awaitable[Response]]


class Door:
    """Lets in requests of this machine's browser that know the token, and none that another site makes."""

    def __init__(self, app: Any, token: str, hosts: Sequence[str]) -> None:
        self._app, self._token, self._hosts = app, token, frozenset(hosts)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS.items()]
            await send(message)

        why = self._refused(scope)
        if why:
            await PlainTextResponse(why, 403)(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)

    def _refused(self, scope: Any) -> str:
        """Why a request is not let in; "" where it is."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if host not in self._hosts:
            return "The desk is at the address that it printed, and at no other."
        token = scope["path"].split("/")[1] if scope["path"].count("/") > 1 else ""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return "This is not the address that the desk printed: its token is missing or wrong."
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return "Another site asked for this."
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return "Another site asked for this."
        return ""


def application(desk: Desk, token: str, hosts: Sequence[str], who: str, names: bool = False) -> Any:
    """The application.

    Args:
        desk: what there is to mark.
        token: the first part of every path.
        hosts: the values of the Host header that are served.
        who: the marker, unless a browser names another.
        names: show whose answers these are.
    """
    _prepare()
    pages = _Pages(desk, token, who, names)
    one = "/{question}/{key}"
    routes = [
        Route(f"/{token}/", pages.start),
        Route(f"/{token}/marker", pages.marker, methods=["POST"]),
        Route(f"/{token}/desk.js", pages.static),
        Route(f"/{token}/desk.css", pages.static),
        Route(f"/{token}/undo", pages.undo, methods=["POST"]),
        Route(f"/{token}/search/{{question}}", pages.search),
        Route(f"/{token}/mark/{{question}}", pages.first),
        Route(f"/{token}/mark{one}", pages.answer),
        Route(f"/{token}/mark{one}", pages.save, methods=["POST"]),
        Route(f"/{token}/unmarked{one}", pages.unmarked),
        Route(f"/{token}/work{one}", pages.work),
        Route(f"/{token}/picture{one}/{{name}}", pages.picture),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run_in_threadpool, desk.warm_up)
            tasks.start_soon(_settle_now_and_then, desk)
            yield
            tasks.cancel_scope.cancel()
        with suppress(ConvlabError):
            desk.settle()

    told: dict[Any, Any] = {ConvlabError: pages.failed, _NotValid: pages.failed}
    return Door(Starlette(routes=routes, lifespan=lifespan, exception_handlers=told), token, hosts)


async def _settle_now_and_then(desk: Desk) -> None:
    """Bring grade.json and the tables up to date a few seconds after marks; the marks are safe already.

    The files of a whole class are read for that, so it waits longer where that takes long.
    """
    took = 0.0
    while True:
        await anyio.sleep(min(max(SETTLE_SECONDS, SHARE * took), REST_SECONDS))
        started = time.monotonic()
        with suppress(ConvlabError):
            await run_in_threadpool(desk.settle)
        took = time.monotonic() - started


@cache
def _templates() -> Environment:
    made = environment("autograder.desk", "autograder.report")
    made.filters["phrase"] = _phrase
    return made


def _prepare() -> None:
    """Load what pages are made with before anyone waits for the first one."""
    for name in ("start.html.jinja", "mark.html.jinja", "answer.html.jinja", "desk.css"):
        _templates().get_template(name)
    prose("$x$")


@lru_cache(maxsize=1_000)
def _phrase(text: str) -> Markup:
    """A sentence of the rubric, with its formulas, for places that hold no paragraphs."""
    return Markup(re.sub(r"</p>\s*<p>", " ", prose(text)).strip().removeprefix("<p>").removesuffix("</p>"))


class _Pages:
    """The handlers. What goes wrong is a message on the page, or for the script."""

    def __init__(self, desk: Desk, token: str, who: str, names: bool) -> None:
        self._desk, self._token, self._who, self._names = desk, token, who, names

    # ---- pages -------------------------------------------------------------------------------------

    async def failed(self, request: Request, error: Exception) -> Response:
        """What to say where a page cannot be made now, as while the disk is full."""
        return self._message(str(error), self._marker(request), 400 if isinstance(error, _NotValid) else 503)

    async def start(self, request: Request) -> Response:
        """All questions with their progress."""
        who = self._marker(request)
        self._desk.look()
        rows = [(question, self._desk.progress(who, question.id)) for question in self._desk.lab.questions]
        self._desk.here(who, "")
        return self._page("start.html.jinja", who, rows=rows, others=self._desk.others(who))

    async def marker(self, request: Request) -> Response:
        """Another name for who marks in this browser."""
        form = parse_qs((await _body(request)).decode("utf-8", "replace"))
        name = one_line(form.get("who", [""])[0])[:MAX_WHO]
        response = RedirectResponse(f"/{self._token}/", 303)
        if name:
            path = f"/{self._token}/"
            response.set_cookie(COOKIE, quote(name), path=path, httponly=True, samesite="strict")
        return response

    async def first(self, request: Request) -> Response:
        """The first answer that is not marked yet, or else the first."""
        who, question = self._marker(request), request.path_params["question"]
        self._desk.look()
        order = self._desk.order(who, question)
        if not order:
            return self._message("There is no answer to this question.", who, 404)
        busy = {entry.key for entry in order if taken(self._desk.others(who), entry)}
        open_ones = [entry for entry in order if self._desk.open(entry)]
        free = [entry for entry in open_ones if entry.key not in busy]
        return RedirectResponse(self._url("mark", (free or open_ones or order)[0]), 303)

    async def answer(self, request: Request) -> Response:
        """One answer, with all that is needed to mark it; for the script only the part that changes."""
        who = self._marker(request)
        self._desk.look()
        entry = self._entry(request)
        if entry is None:
            return self._message("This answer is no longer there.", who, 404)
        part = request.query_params.get("part")
        if part != "ahead":  # fetched ahead of time: no one looks at it yet
            self._desk.here(who, entry.question.id, entry)
        template = "answer.html.jinja" if part else "mark.html.jinja"
        return self._page(template, who, **self._shown(who, entry))

    async def unmarked(self, request: Request) -> Response:
        """Where the next unmarked answer is, as of this moment: for markers who are not by themselves."""
        who = self._marker(request)
        self._desk.look(at_once=True)
        entry = self._entry(request)
        return JSONResponse({"place": self._around(who, entry)["unmarked"] if entry is not None else ""})

    async def search(self, request: Request) -> Response:
        """The answers that hold a text."""
        who, question = self._marker(request), request.path_params["question"]
        text = request.query_params.get("q", "")[:200]
        found = self._desk.search(who, question, text, self._names)
        places = {entry.key: n for n, entry in enumerate(self._desk.order(who, question), 1)}
        rows = [
            (self._url("mark", entry), places[entry.key], self._called(entry), entry.question.answer[:160])
            for entry in found
        ]
        return self._page("search.html.jinja", who, question=question, text=text, rows=rows)

    async def work(self, request: Request) -> Response:
        """The code of an answer's submission, and the checks that it did not pass."""
        entry = self._entry(request)
        if entry is None:
            return PlainTextResponse("This answer is no longer there.", 404)
        handed = self._desk.book.handed_in(entry.name)
        failed = [
            (question, check)
            for question in entry.grade.questions
            for check in question.checks
            if check.verdict not in (Verdict.PASSED, Verdict.NOT_RUN)
        ]
        failed.sort(key=lambda pair: pair[0].id != entry.question.id)
        return self._page("work.html.jinja", "", handed=handed, failed=failed)

    async def picture(self, request: Request) -> Response:
        """A picture of an answer."""
        entry, name = self._entry(request), request.path_params["name"]
        if entry is None or not PICTURE.fullmatch(name):
            return PlainTextResponse("no such picture", 404)
        path = self._desk.folder / entry.name / PICTURES / name
        kind = {"jpg": "jpeg"}.get(name.rpartition(".")[2], name.rpartition(".")[2])
        if path.is_symlink() or not path.is_file():
            return PlainTextResponse("no such picture", 404)
        return FileResponse(path, media_type=f"image/{kind}")

    async def static(self, request: Request) -> Response:
        """The script, and the style sheet: the reports' with the desk's."""
        if request.url.path.endswith(".js"):
            text = (Path(__file__).parent / "templates" / "desk.js").read_text("utf-8")
            return Response(text, media_type="text/javascript")
        return Response(_templates().get_template("desk.css").render(), media_type="text/css")

    # ---- marking -----------------------------------------------------------------------------------

    async def save(self, request: Request) -> Response:
        """Keep a mark. Where the script sent it, the answer is what the page then shows."""
        who = self._marker(request)
        entry = self._entry(request)
        if entry is None:
            return JSONResponse({"why": "This answer is no longer there."}, 404)
        scripted = request.headers.get("content-type", "").startswith("application/json")
        try:
            body = await _body(request)
            asked = _asked_by_script(body) if scripted else self._asked_by_form(entry, body)
            wish, together = self._wish(entry, asked)
            kept, refused = await run_in_threadpool(self._desk.give, who, entry, wish, together)
        except (ConvlabError, _NotValid) as error:
            return self._not_kept(str(error), who, scripted, 400)
        self._desk.here(who, entry.question.id, entry)
        own = [it for it in refused if it.wish.submission == entry.name]
        if own:
            return self._not_kept(own[0].why, who, scripted, 409 if own[0].stale else 400)
        if not scripted:
            following = self._around(who, entry)["unmarked"] or self._url("mark", entry)
            return RedirectResponse(following, 303)
        return JSONResponse(self._state(who, entry, kept))

    async def undo(self, request: Request) -> Response:
        """Take the latest mark back; where it was."""
        who = self._marker(request)
        try:
            marks, why = await run_in_threadpool(self._desk.undo, who)
        except ConvlabError as error:
            marks, why = [], str(error)
        place, told = "", why
        if marks:
            entries = self._desk.order(who, marks[0].question)
            entry = next((entry for entry in entries if entry.name == marks[0].submission), None)
            place = self._url("mark", entry) if entry is not None else ""
            more = f" and {len(marks) - 1} more" if len(marks) > 1 else ""
            told = why or f"Undone: {marks[0].question}, {_given(marks[0])}{more}."
        if request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"place": place, "told": told, "undone": bool(marks) and not why})
        return RedirectResponse(place or f"/{self._token}/", 303)

    def _wish(self, entry: Entry, asked: Mapping[str, Any]) -> tuple[Wish, bool]:
        """The mark that was asked for. _NotValid where it cannot be one."""
        given = asked.get("points")
        if given is not None and not isinstance(given, (int, float)):
            raise _NotValid("Points are a number.")
        comment, items, seen = asked.get("comment", ""), asked.get("items", []), asked.get("seen")
        answer, most = asked.get("answer"), asked.get("most")
        if not isinstance(comment, str) or not _texts(items) or seen is None or not _texts(seen):
            raise _NotValid("The request is not complete.")
        if not isinstance(answer, str) or bool(answer) != bool(
            entry.digest
        ):  # what was marked is what the person saw, and no other
            raise _NotValid("The request is not complete: it does not say which answer was seen.")
        if not isinstance(most, (int, float)):
            raise _NotValid("The request is not complete: it does not say which maximum was seen.")
        known = {one.id + end for one in self._desk.items.get(entry.question.id, ()) for end in ("", HALF)}
        if unknown := set(items) - known:
            raise _NotValid(f"The rubric has no item {one_line(min(unknown))[:80]!r}.")
        if given is not None and not entry.question.written and not comment.strip():
            raise _NotValid("Give the reason too: the student reads it beside the points of the checks.")
        return Wish(
            entry.name,
            entry.question.id,
            given,
            comment if given is not None else "",
            tuple(items) if given is not None else (),
            answer,
            seen=frozenset(seen),
            most=most,
        ), bool(asked.get("together"))

    def _asked_by_form(self, entry: Entry, body: bytes) -> dict[str, Any]:
        """What a browser without scripts sends."""
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        items = form.get("item", [])
        text = form.get("points", [""])[0].strip()
        given = number(text)
        if text and given is None:
            raise _NotValid(f"{text!r} is not a number.")
        if not text and items:
            given = min(earned(self._desk.items.get(entry.question.id, ()), tuple(items)), entry.slot[4])
        comment = form.get("comment", [""])[0].replace("\r\n", "\n")
        before = self._desk.mark_of(entry)
        if given is None and comment.strip() not in ("", before.comment.strip() if before else ""):
            raise _NotValid(
                "a comment is kept with points only. Go back, where it still is, and give points."
            )
        return {
            "points": given,
            "items": items,
            "comment": comment,
            "answer": form.get("answer", [""])[0],
            "seen": form.get("seen", [""])[0].split(),
            "most": number(form.get("most", [""])[0]),
            "together": "together" in form,
        }

    def _not_kept(self, why: str, who: str, scripted: bool, status: int) -> Response:
        if scripted:
            return JSONResponse({"why": why}, status)
        return self._message(f"Not saved: {why}", who, status)

    def _state(self, who: str, entry: Entry, kept: Sequence[Mark]) -> dict[str, Any]:
        """What the script shows after a mark."""
        mark = self._desk.mark_of(entry)
        progress = self._desk.progress(who, entry.question.id)
        also = sum(it.submission != entry.name for it in kept)
        told = "Saved" if mark is not None else "Not marked"
        told += f", and {also} more with it" if also else ""
        return {
            "seen": [it.id for it in self._desk.ledger.heads(entry.slot)],
            "points": None if mark is None else mark.points,
            "told": f"{told}.",
            "progress": f"{progress.marked} of {progress.total} marked",
            "marked": progress.marked,
            "left": progress.left,
            "unmarked": self._around(who, entry)["unmarked"],
        }

    # ---- what pages show ---------------------------------------------------------------------------

    def _shown(self, who: str, entry: Entry) -> dict[str, Any]:
        desk, question = self._desk, entry.question
        mark, conflict = desk.mark_of(entry), desk.conflict(entry)
        same, nearly = desk.alike(who, entry)
        places = {other.key: n for n, other in enumerate(desk.order(who, question.id), 1)}
        return {
            "entry": entry,
            "question": question,
            "called": self._called(entry),
            "place": places.get(entry.key, 0),
            "answer": prose(question.answer, self._pictures(entry)),
            "blank": desk.blank(entry),
            "unread": desk.unread(entry),
            "items": desk.items.get(question.id, ()),
            "rubric": desk.rubrics.get(question.id, "") if not desk.items.get(question.id) else "",
            "mark": mark,
            "ticked": mark.items if mark is not None else (),
            "seen": [it.id for it in desk.ledger.heads(entry.slot)],
            "earlier": desk.earlier(entry)[-10:],
            "again": desk.why_again(entry),
            "conflict": conflict,
            "alike": [
                (places[it.key], self._url("mark", it), only_nearly)
                for found, only_nearly in ((same, False), (nearly, True))
                for it in found
            ],
            "same": len(same),
            "nearly": len(nearly),
            "comments": desk.comments(question.id),
            "progress": desk.progress(who, question.id),
            "others": [one for one in desk.others(who) if one.question == question.id],
            "taken": taken(desk.others(who), entry),
            "work": self._url("work", entry),
            "company": self._url("unmarked", entry) if desk.others(who) else "",
            "questions": desk.lab.questions,
            **self._around(who, entry),
        }

    def _around(self, who: str, entry: Entry) -> dict[str, str]:
        """Where one can go from an answer: the next, the previous, the next that is not marked."""
        order = self._desk.order(who, entry.question.id)
        here = next((n for n, other in enumerate(order) if other.key == entry.key), 0)
        others = self._desk.others(who)
        open_ones = [other for other in (*order[here + 1 :], *order[:here]) if self._desk.open(other)]
        free = (other for other in open_ones if not taken(others, other))
        unmarked = next(free, open_ones[0] if open_ones else None)
        found = {
            "next": order[here + 1 : here + 2],
            "previous": order[here - 1 : here] if here else (),
            "unmarked": (unmarked,) if unmarked is not None else (),
        }
        return {name: self._url("mark", where[0]) if where else "" for name, where in found.items()}

    def _pictures(self, entry: Entry) -> Callable[[str], str | None]:
        base = self._url("picture", entry)
        return lambda name: f"{base}/{name}" if PICTURE.fullmatch(name) else None

    def _called(self, entry: Entry) -> str:
        """Whose answer it is, where names are shown."""
        if not self._names:
            return ""
        student = entry.grade.student
        return one_line(f"{entry.name} {student.name if student is not None else ''}")

    def _url(self, what: str, entry: Entry) -> str:
        return f"/{self._token}/{what}/{entry.question.id}/{entry.key}"

    def _entry(self, request: Request) -> Entry | None:
        return self._desk.find(request.path_params["question"], request.path_params["key"])

    def _marker(self, request: Request) -> str:
        return one_line(unquote(request.cookies.get(COOKIE, "")))[:MAX_WHO] or self._who

    def _page(self, template: str, who: str, **values: Any) -> Response:
        base = f"/{self._token}"
        text = (
            _templates()
            .get_template(template)
            .render(base=base, who=who, title=self._desk.lab.title, given=_given, half=HALF, **values)
        )
        return HTMLResponse(text)

    def _message(self, text: str, who: str, status: int) -> Response:
        response = self._page("message.html.jinja", who, text=text)
        response.status_code = status
        return response


class _NotValid(Exception):
    """A request that cannot be a mark; the text says why."""


async def _body(request: Request) -> bytes:
    """What was sent. _NotValid where it is too long to be a mark."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY:
            raise _NotValid("This is too long.")
    return data


def _asked_by_script(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        raise _NotValid("The request is not JSON.") from None
    if not isinstance(asked, dict):
        raise _NotValid("The request is not complete.")
    return asked


def _texts(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(text, str) for text in found)


def _given(mark: Mark) -> str:
    """A mark's points, in words."""
    return "not marked" if mark.points is None else f"{points(mark.points)} point{'s' * (mark.points != 1)}"
