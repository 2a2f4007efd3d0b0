"""The pages in a real browser: nothing on the console, nothing fetched, every link works, accessible."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alike import LOOP, RENAMED, UNFOLD, zipped
from click.testing import CliRunner
from made_up_class import a_grade, write, write_class

from autograder.cli import main

pytestmark = pytest.mark.slow

AXE = "axe-core@4.14.1"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-quic", "--disable-component-update", "--disable-sync"]
PAGES = ("report.html", "written.html", "student-01/feedback.html", "student 00 %230/feedback.html")


def chromium() -> str:
    """Where a Chromium of the system lies, of several the lightest; skips where there is none."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class's results with every page, similar submissions and graded answers among them."""
    out = write_class(tmp_path_factory.mktemp("results"), 5)
    write(out, a_grade("student-01").with_points({"q2_3": (2, "Why the 2?"), "q3_1": (5, "")}))
    handed_in = tmp_path_factory.mktemp("handed in")
    for name, text in (("student-01", LOOP), ("student-02", RENAMED), ("student-03", UNFOLD)):
        zipped(handed_in / f"{name}.zip", text)
    for arguments in (["report", out, "--submissions", handed_in], ["written", "collect", out]):
        result = CliRunner().invoke(main, list(map(str, arguments)))
        assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    path = chromium()
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=FLAGS, timeout=180_000)
        yield started
        started.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core: from the file that AXE_CORE names, or from the npm registry."""
    if named := os.environ.get("AXE_CORE"):
        return Path(named).read_text(encoding="utf-8")
    npm = shutil.which("npm") or pytest.skip("no npm to fetch axe-core with; AXE_CORE can name axe.min.js")
    place = tmp_path_factory.mktemp("axe")
    done = subprocess.run([npm, "pack", AXE, "--silent"], cwd=place, capture_output=True, check=False)
    packed = list(place.glob("*.tgz"))
    if done.returncode or not packed:
        pytest.skip(f"the npm registry gave no {AXE}; AXE_CORE can name axe.min.js")
    with tarfile.open(packed[0]) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


@pytest.fixture
def opened(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """An empty tab; `heard` collects what its console says and what it asks others for."""
    width, scheme = getattr(request, "param", (WIDTHS[1], SCHEMES[0]))
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(120_000)
    tab = context.new_page()
    tab.heard = []
    tab.on("console", lambda message: tab.heard.append(message.text))
    tab.on("pageerror", lambda error: tab.heard.append(str(error)))
    tab.on("request", lambda asked: None if _own(asked.url) else tab.heard.append(asked.url))
    yield tab
    context.close()


def _own(url: str) -> bool:
    return url.startswith(("file:", "data:"))


def url(folder: Path, page: str) -> str:
    return f"{folder.as_uri()}/{page.replace(' ', '%20')}"


EVERYWHERE = pytest.mark.parametrize("opened", list(zip(WIDTHS, SCHEMES, strict=True)), indirect=True)
"""On a telephone in light colours and on a desk in dark ones."""


@EVERYWHERE
def test_quiet_and_no_wider_than_the_window(opened: Any, folder: Path) -> None:
    for page in PAGES:
        opened.goto(url(folder, page))
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert opened.evaluate(width) <= 0, page
        assert opened.evaluate("document.querySelectorAll('main *').length") > 50, page
    assert opened.heard == []


@EVERYWHERE
def test_accessible(opened: Any, folder: Path, axe: str) -> None:
    for page in PAGES[:3]:
        opened.goto(url(folder, page))
        opened.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        opened.evaluate(axe)
        found = opened.evaluate("axe.run()")
        assert found["passes"]
        told = [(broken["id"], broken["nodes"][0]["html"][:200]) for broken in found["violations"]]
        assert told == [], page


def test_every_link_leads_somewhere(opened: Any, folder: Path) -> None:
    opened.goto(url(folder, "report.html"))
    links = opened.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
    targets = {link.split("#")[0] for link in links}
    assert len(targets) == 5 + 1
    for target in sorted(targets):
        assert opened.goto(target) is not None, target
        assert opened.title()
    for page in PAGES:
        opened.goto(url(folder, page))
        inside = opened.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))")
        assert inside
        there = "name => document.getElementById(name) !== null"
        assert [name for name in inside if not opened.evaluate(there, name)] == []


def test_keyboard(opened: Any, folder: Path) -> None:
    opened.goto(url(folder, "report.html"))
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "content"
    assert (
        opened.evaluate("document.querySelectorAll('[tabindex]:not([tabindex=\"0\"], #content)').length") == 0
    )


def test_light_and_dark_differ(opened: Any, folder: Path) -> None:
    opened.goto(url(folder, "report.html"))
    colours = []
    for scheme in SCHEMES:
        opened.emulate_media(color_scheme=scheme)
        colours.append(opened.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] == "rgb(255, 255, 255)"
    assert colours[1] != colours[0]
