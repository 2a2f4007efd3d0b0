"""The checks, collected by pytest once and run for one submission after another.

`pytest.main` would start, collect and stop for each submission, which takes longer than most checks do. So
the session that it would make is made here, step by step, and kept: configure, start the session, collect.
For each submission, its plugin puts the student and the context where the fixtures look. The chosen items
that ask anything of pytest go through pytest's own protocol; plain functions of our own fixtures are called.

The order matters. The plugin is in place before an item runs, because fixtures are set up with what they find
then. It is not registered with pytest, which would keep it and the whole submission for ever; this object is,
and passes the hooks on. When a run ends in an exception, the session is thrown away and the next run collects
again: what a check had set up for one submission must not serve another.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest
from _pytest.config import _prepareconfig

from autograder.checking.check import UNSEEN_KEY
from autograder.errors import LabError
from autograder.grading.direct import Direct
from autograder.grading.plugin import GradingPlugin

INI = Path(__file__).resolve().with_name("pytest.ini")


class SuiteError(LabError):
    """The lab's checks cannot be collected."""


class Suite:
    """A pytest session that stays open; opened on first use."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._arguments = ["-c", str(INI), "--rootdir", str(INI.parent.parent), "-s", *map(str, paths)]
        self._session: pytest.Session | None = None
        self._broken: list[str] = []
        self._plugin: GradingPlugin | None = None
        self._direct: dict[pytest.Item, Direct | None] = {}

    def run(self, plugin: GradingPlugin) -> None:
        """Run the checks that the plugin selects. SuiteError when they cannot be collected."""
        try:
            with _quiet():
                if self._session is None:
                    self._session = self._opened()
                self._plugin = plugin
                self._run(self._session, plugin)
        except BaseException:
            self.close()  # a check was left in the middle; what it has set up is not to meet another
            raise
        finally:
            self._plugin = None

    def _opened(self) -> pytest.Session:
        self._broken = []
        try:
            with _no_autoload():
                config = _prepareconfig(self._arguments, [self])
            try:
                return self._collected(config)
            except BaseException:
                config._ensure_unconfigure()
                raise
        except pytest.UsageError as error:
            raise SuiteError(str(error)) from None

    def _collected(self, config: pytest.Config) -> pytest.Session:
        session = pytest.Session.from_config(config)
        config.stash[UNSEEN_KEY] = True
        config._do_configure()
        config.pluginmanager.unregister(name="terminalreporter")  # it would keep every report
        config.hook.pytest_sessionstart(session=session)
        config.hook.pytest_collection(session=session)
        if self._broken:
            raise SuiteError("\n".join(self._broken))
        self._direct = {item: Direct.of(item) for item in session.items}
        return session

    def _run(self, session: pytest.Session, plugin: GradingPlugin) -> None:
        plugin.pytest_configure(session.config)
        items = plugin.chosen(session.items)
        through_pytest = [item for item in items if self._direct[item] is None]
        for item in items:
            if direct := self._direct[item]:
                plugin.call(direct)
                continue
            item.user_properties.clear()
            # What pytest has set up for an item lasts until the next one that it runs.
            del through_pytest[0]
            following = through_pytest[0] if through_pytest else None
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        plugin.diagnose()

    def close(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        self._direct = {}
        if session is not None:
            session.config._ensure_unconfigure()

    # ---- hooks -------------------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that cannot be collected."""
        if report.failed:
            self._broken.append(report.longreprtext)

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Have the submission's own plugin run a check."""
        assert self._plugin is not None
        return self._plugin.pytest_runtest_protocol(item, nextitem)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Have the submission's own plugin note an outcome."""
        assert self._plugin is not None
        return (yield from self._plugin.pytest_runtest_makereport(item, call))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing is printed, whatever a check or torch has to say."""
    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _no_autoload() -> Iterator[None]:
    """Without the plugins that happen to be installed: they cost time and may change verdicts."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
