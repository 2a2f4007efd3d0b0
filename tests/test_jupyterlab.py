"""The students' notebook in JupyterLab, in a real browser: as handed out, half done, and solved."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, reference_sources
from test_browser import FLAGS, chromium

pytestmark = pytest.mark.ci

TOKEN = "only-for-this-test"
SETTINGS = "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
TURNED = """

def apply_convolution(img, kernel):
    rows, columns = kernel.shape
    turned = kernel.flip(0, 1)
    result = torch.zeros(img.shape[0] - rows + 1, img.shape[1] - columns + 1, dtype=img.dtype)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (img[i : i + rows, j : j + columns] * turned).sum()
    return result
"""
ACTIVATE = "() => { jupyterapp.shell.activateById(jupyterapp.shell.currentWidget.id); }"
RUN_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells'); }"
DONE = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')];
    return prompts.length > 0 && prompts.every(one => /\\[\\d+\\]/.test(one.textContent));
}"""
RESTING = "() => jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
PROMPTS = """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')].map(
    one => one.textContent)"""
SHOWN = "() => [...document.querySelectorAll('.jp-RenderedHTMLCommon')].map(one => one.innerText)"
COLOURS = """() => [...document.querySelectorAll('.jp-RenderedHTMLCommon span[style]')].map(
    one => [one.innerText, getComputedStyle(one).backgroundColor])"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A JupyterLab in a folder for students' folders, and that folder."""
    pytest.importorskip("jupyterlab", reason="no jupyterlab: pip install jupyterlab")
    place = tmp_path_factory.mktemp("a student's work")  # a path with a space and an apostrophe
    home = tmp_path_factory.mktemp("home")
    settings = home / "settings" / SETTINGS
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')  # else cells out of sight are not drawn
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONVLAB_")}
    environment |= {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--expose-app-in-browser", "--ServerApp.port_retries=0"]
    with (home / "log").open("wb") as log:
        started = subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", started, home / "log")
        yield f"http://127.0.0.1:{port}", place
    finally:
        started.terminate()
        started.wait(60)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.5)
        else:
            return
    pytest.fail(log.read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=FLAGS, timeout=180_000)
        yield started
        started.close()


def run_all(browser: Any, server: tuple[str, Path], name: str, **changed: str) -> Any:
    """The tab in which a student's notebook has run from top to bottom, with these modules in the folder."""
    address, place = server
    shutil.copytree(ROOT / "student", place / name)
    for module, text in changed.items():
        (place / name / f"{module}.py").write_text(text)
    tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    tab.set_default_timeout(180_000)
    # In a workspace of its own: the usual one opens the notebooks of earlier tests again.
    tab.goto(f"{address}/lab/workspaces/{name}/tree/{name}/lab06.ipynb?token={TOKEN}")
    tab.wait_for_selector(".jp-Notebook .jp-CodeCell")
    end = time.monotonic() + 900
    before: list[str] = []
    while not tab.evaluate(DONE):  # the page's own rules forbid what wait_for_function does
        assert time.monotonic() < end, tab.evaluate(SHOWN)
        prompts = tab.evaluate(PROMPTS)
        # The command does nothing until the notebook has the focus; and under load the page may start its
        # kernel twice and ask the first, which is no more. Whoever sits there would ask again.
        if tab.evaluate(RESTING) and prompts == before:
            tab.evaluate(ACTIVATE)
            tab.evaluate(RUN_ALL)
            prompts = []
        before = prompts
        time.sleep(2)
    return tab


def helped(tab: Any) -> dict[str, str]:
    """What the notebook's checks say, by question."""
    found = {}
    for text in tab.evaluate(SHOWN):
        if match := re.match(r"(Passed|Not right yet|Not started)\s+(q\d_\d)", text):
            found[match[2]] = text
    return found


def test_as_handed_out_everything_is_not_started_and_nothing_is_red(
    browser: Any, server: tuple[str, Path]
) -> None:
    tab = run_all(browser, server, "stub")
    said = helped(tab)
    assert len(said) == 11
    assert all(re.match(r"Not started q\d_\d: Open \w+\.py, line \d+\.", text) for text in said.values()), (
        said
    )
    assert "rgb(180, 35, 24)" not in str(tab.evaluate(COLOURS))


def test_half_done_the_known_mistake_is_in_plain_sight(browser: Any, server: tuple[str, Path]) -> None:
    half = reference_sources()
    tab = run_all(browser, server, "half", model=half["model"], convolution=half["convolution"] + TURNED)
    said = helped(tab)
    assert said["q1_1"].startswith("Passed")
    assert said["q3_3"].startswith("Not started")
    assert said["q2_2"].index("Known mistake: The kernel was turned") < said["q2_2"].index("values differ")
    assert "≠ 5.5" in said["q2_2"]
    assert ["Not right yet", "rgb(180, 35, 24)"] in tab.evaluate(COLOURS)
    assert not any("with img" in text for text in said.values())  # the call is folded
    assert "public/test_" not in str(said)


def test_solved_everything_passes_and_every_figure_is_there(browser: Any, server: tuple[str, Path]) -> None:
    tab = run_all(browser, server, "solved", **reference_sources())
    said = helped(tab)
    assert {text.partition(" ")[0] for text in said.values()} == {"Passed"}
    assert len(said) == 11
    figures = tab.evaluate("() => document.querySelectorAll('.jp-OutputArea-output img').length")
    assert figures == 16
    assert tab.evaluate("() => document.querySelectorAll('.jp-OutputArea-output canvas').length") == 1
    pad = tab.locator(".jp-OutputArea-output canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    tab.mouse.move(box["x"] + 140, box["y"] + 40)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 140, box["y"] + 240, steps=5)
    tab.mouse.up()
    drawn = tab.locator(".jp-OutputArea-output textarea").input_value().split()
    assert len(drawn) == 28
    assert any("f" in line for line in drawn)
